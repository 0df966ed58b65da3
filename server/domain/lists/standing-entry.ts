import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { type KnownEntry, listEntryColumns } from './list-entry-of.ts'
import type { KnownList } from './list-of.ts'

/** An entry that is there, and where its trail stands. */
export type Standing = KnownEntry & { version: bigint; audit_head: Buffer }

/** The entry that a list has for a subject, whenever it counts. */
export const standingOn = (
  trx: Kysely<Database>,
  list: Pick<KnownList, 'snapshot_id'>,
  subject: string,
): Promise<Standing | undefined> =>
  trx
    .selectFrom('list_entry')
    .select([...listEntryColumns, 'version', 'audit_head'])
    .where('snapshot_id', '=', list.snapshot_id)
    .where('subject', '=', subject)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
