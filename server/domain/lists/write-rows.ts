import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { emptyTrail } from '../audit/trail.ts'
import type { NewEntry } from './put-on.ts'

/** An import whose rows are being written. */
export interface Staging {
  id: string
  appId: string
  listId: string
  createdAt: Date
}

/** How many rows one statement writes at most. */
export const LOT = 5_000

/**
 * Writes rows of an import that nobody reads yet; a subject that is there already is left out. Answers with how many were written:
 * none, once the import is no longer being staged.
 */
export async function writeRows(
  db: Kysely<Database>,
  { id, appId, listId, createdAt }: Staging,
  entries: readonly NewEntry[],
): Promise<number> {
  const column = <T>(of: (entry: NewEntry) => T): T[] => entries.map(of)
  const { numAffectedRows } = await sql`
    insert into list_entry (id, app_id, list_id, snapshot_id, subject, reason, source, valid_from, valid_until, imported,
      created_at, version, audit_head)
    select gen_random_uuid(), ${appId}::uuid, ${listId}::uuid, ${id}::uuid, row.subject, row.reason, row.source,
      row.valid_from, row.valid_until, true, ${createdAt}::timestamptz, 0, ${emptyTrail.audit_head}::bytea
    from unnest(${column((entry) => entry.subject)}::text[], ${column((entry) => entry.reason)}::text[],
        ${column((entry) => entry.source)}::text[], ${column((entry) => entry.validFrom)}::timestamptz[],
        ${column((entry) => entry.validUntil)}::timestamptz[]) as row (subject, reason, source, valid_from, valid_until)
    join list_import on list_import.id = ${id} and list_import.state = 'staging'
    on conflict (snapshot_id, subject) where removed_at is null do nothing`.execute(db)
  return Number(numAffectedRows ?? 0)
}
