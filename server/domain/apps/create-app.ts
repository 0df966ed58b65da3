import { randomUUID } from 'node:crypto'
import type { Address, App } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { followNewApp } from '../endpoints/create-endpoint.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { insertUser } from '../users/insert-user.ts'
import { getApp } from './get-app.ts'

/** An app to be registered. */
export interface NewApp {
  name: string
  origins: string[]
  /** The wallets of its first operators. Two or more, and they can decide on each other's requests. */
  operators: Address[]
  idempotencyKey: string
}

/**
 * Registers a client application, the pages that may use it and the people who operate it.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export async function createApp(
  services: Services,
  principal: Principal,
  input: NewApp,
): Promise<App & { replayed: boolean }> {
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'apps.create', { ...input }),
    async (trx, appId) => {
      const createdAt = services.clock.now()
      const origins = [...new Set(input.origins)].sort()
      const step = nextStep(emptyTrail, {
        object: { type: 'app', id: appId, appId },
        principal,
        type: 'app.created',
        at: createdAt,
        data: { name: input.name, origins },
      })
      await trx
        .insertInto('app')
        .values({ id: appId, name: input.name, created_at: createdAt, ...step.head })
        .execute()
      await trx.insertInto('list_version').values({ app_id: appId, version: 0n, updated_at: createdAt }).execute()
      if (origins.length > 0)
        await trx
          .insertInto('app_origin')
          .values(origins.map((origin) => ({ origin, app_id: appId, created_at: createdAt })))
          .execute()
      await followNewApp(trx, appId)
      await append(trx, step)
      for (const address of new Set(input.operators))
        await insertUser(trx, principal, { id: randomUUID(), appId, address, roles: ['operator'], createdAt })
    },
  )
  return { ...(await getApp(services, { appId: id })), replayed }
}
