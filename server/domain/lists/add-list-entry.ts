import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Address, ListEntry } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import type { AppPrincipal } from '../principal.ts'
import { listEntryColumns, listEntryOf } from './list-entry-of.ts'
import { nextListVersion } from './next-list-version.ts'

/**
 * Puts an address on a deny list of the app. From this commit on no payment from or to it is accepted, and none that waits is
 * submitted. An address that is on the list already keeps its entry.
 */
export function addListEntry(
  services: Services,
  principal: AppPrincipal,
  { list, address, reason, source }: { list: string; address: Address; reason: string; source: string },
): Promise<ListEntry> {
  return transaction(
    services.db,
    async (trx) => {
      const known = await trx
        .selectFrom('list_entry')
        .select(listEntryColumns)
        .where('app_id', '=', principal.appId)
        .where('address', '=', address)
        .where('list', '=', list)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      if (known) return listEntryOf(known)
      const id = randomUUID()
      const now = services.clock.now()
      const listVersion = await nextListVersion(trx, principal.appId, now)
      const step = nextStep(emptyTrail, {
        object: { type: 'list_entry', id, appId: principal.appId },
        principal,
        type: 'list_entry.added',
        at: now,
        data: { address, kind: 'deny', list, listVersion: String(listVersion), reason, source },
      })
      const row = { id, list, kind: 'deny' as const, address, reason, source, created_at: now, removed_at: null }
      await trx
        .insertInto('list_entry')
        .values({ ...row, app_id: principal.appId, ...step.head })
        .execute()
      await append(trx, step)
      return listEntryOf(row)
    },
    { idempotent: true, retryOn: (error) => (error as { code?: string }).code === '23505' },
  )
}
