import type { App } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { getApp } from './get-app.ts'

/**
 * Registers a client application.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export async function createApp(
  services: Services,
  principal: Principal,
  input: { name: string; idempotencyKey: string },
): Promise<App & { replayed: boolean }> {
  const { id, replayed } = await once(services, intentionOf(principal, 'apps.create', input), async (trx, appId) => {
    const now = services.clock.now()
    const step = nextStep(emptyTrail, {
      object: { type: 'app', id: appId, appId },
      principal,
      type: 'app.created',
      at: now,
      data: { name: input.name },
    })
    await trx
      .insertInto('app')
      .values({ id: appId, name: input.name, created_at: now, ...step.head })
      .execute()
    await trx.insertInto('list_version').values({ app_id: appId, version: 0n, updated_at: now }).execute()
    await append(trx, step)
  })
  return { ...(await getApp(services, { appId: id })), replayed }
}
