import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import type { KnownList } from './list-of.ts'
import type { ListVersion } from './next-list-version.ts'
import type { Standing } from './standing-entry.ts'

/** Why an entry goes, for its trail. */
export type Because = { reason: string } | { approval: string } | { replacedBy: string }

/** Takes an entry off its list, with its audit leaf and event; the entry itself is kept. */
export async function strike(
  trx: Kysely<Database>,
  principal: Principal,
  { appId, list, entry, because }: { appId: string; list: KnownList; entry: Standing; because: Because },
  { version, at }: ListVersion,
): Promise<void> {
  const step = nextStep(entry, {
    object: { type: 'list_entry', id: entry.id, appId },
    principal,
    type: 'list_entry.removed',
    at,
    data: { list: list.name, listVersion: String(version), subject: entry.subject, ...because },
  })
  await trx
    .updateTable('list_entry')
    .set({ removed_at: at, ...step.head })
    .where('id', '=', entry.id)
    .execute()
  await append(trx, step)
}
