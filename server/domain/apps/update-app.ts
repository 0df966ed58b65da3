import { transaction } from '../../../db/transaction.ts'
import type { App } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { getApp } from './get-app.ts'

/** What of an app can change. What is absent stays. */
export interface AppPatch {
  name?: string | undefined
  /** All of them: those that are not among them are no longer the app's. */
  origins?: string[] | undefined
}

/**
 * Changes an app. A page that is taken off can use no session and no token from then on.
 *
 * @throws NOT_FOUND
 */
export function updateApp(
  services: Services,
  principal: Principal,
  { appId, ...patch }: { appId: string } & AppPatch,
): Promise<App> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await trx
        .selectFrom('app')
        .select(['version', 'audit_head'])
        .where('id', '=', appId)
        .executeTakeFirst()
      if (!row) throw notFound('app')
      const before = await getApp({ db: trx }, { appId })
      const now = services.clock.now()
      const name = patch.name ?? before.name
      const origins = patch.origins ? [...new Set(patch.origins)].sort() : before.origins
      const step = nextStep(row, {
        object: { type: 'app', id: appId, appId },
        principal,
        type: 'app.updated',
        at: now,
        data: { name, origins },
      })
      await trx
        .updateTable('app')
        .set({ name, ...step.head })
        .where('id', '=', appId)
        .execute()
      const gone = before.origins.filter((origin) => !origins.includes(origin))
      const come = origins.filter((origin) => !before.origins.includes(origin))
      if (gone.length > 0)
        await trx.deleteFrom('app_origin').where('app_id', '=', appId).where('origin', 'in', gone).execute()
      if (come.length > 0)
        await trx
          .insertInto('app_origin')
          .values(come.map((origin) => ({ origin, app_id: appId, created_at: now })))
          .execute()
      await append(trx, step)
      return { ...before, name, origins }
    },
    { idempotent: true },
  )
}
