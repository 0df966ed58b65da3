import { transaction } from '../../../db/transaction.ts'
import type { ListEntry } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { listEntryColumns, listEntryOf } from './list-entry-of.ts'
import { nextListVersion } from './next-list-version.ts'

/**
 * Takes an entry off its list; the entry itself is kept. Removing a removed one answers with it.
 *
 * @throws NOT_FOUND
 */
export function removeListEntry(
  services: Services,
  principal: AppPrincipal,
  { entryId }: { entryId: string },
): Promise<ListEntry> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await trx
        .selectFrom('list_entry')
        .select([...listEntryColumns, 'version', 'audit_head'])
        .where('id', '=', entryId)
        .where('app_id', '=', principal.appId)
        .executeTakeFirst()
      if (!row) throw notFound('list entry')
      if (row.removed_at) return listEntryOf(row)
      const now = services.clock.now()
      const listVersion = await nextListVersion(trx, principal.appId, now)
      const step = nextStep(row, {
        object: { type: 'list_entry', id: entryId, appId: principal.appId },
        principal,
        type: 'list_entry.removed',
        at: now,
        data: { address: row.address, list: row.list, listVersion: String(listVersion) },
      })
      await trx
        .updateTable('list_entry')
        .set({ removed_at: now, ...step.head })
        .where('id', '=', entryId)
        .execute()
      await append(trx, step)
      return listEntryOf({ ...row, removed_at: now })
    },
    { idempotent: true },
  )
}
