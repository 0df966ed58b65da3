import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'

/** Moves an app's rules, its lists and policy, to their next version: what was decided on the one before no longer holds. */
export async function nextListVersion(trx: Kysely<Database>, appId: string, now: Date): Promise<bigint> {
  const { version } = await trx
    .updateTable('list_version')
    .set((row) => ({ version: row('version', '+', 1n), updated_at: now }))
    .where('app_id', '=', appId)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}
