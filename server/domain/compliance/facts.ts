import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Facts } from './decide.ts'

/** Reads what the rules need to know about these addresses. */
export async function readFacts(db: Kysely<Database>, appId: string, addresses: readonly string[]): Promise<Facts> {
  const rows = await db
    .selectFrom('list_version')
    .leftJoin('list_entry', (join) =>
      join
        .onRef('list_entry.app_id', '=', 'list_version.app_id')
        .on('list_entry.removed_at', 'is', null)
        .on('list_entry.address', 'in', addresses),
    )
    .select(['list_version.version', 'list_entry.list', 'list_entry.address', 'list_entry.reason'])
    .where('list_version.app_id', '=', appId)
    .execute()
  return {
    listVersion: rows[0]!.version,
    listed: rows.flatMap(({ list, address, reason }) => (list && address && reason ? [{ list, address, reason }] : [])),
  }
}
