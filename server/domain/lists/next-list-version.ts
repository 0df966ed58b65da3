import { type Kysely, sql } from 'kysely'
import { codeOf, type RetryOptions } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'

/** A version of an app's rules, its lists and policy, and when it began. */
export interface ListVersion {
  version: bigint
  /** Never before the version before it, whatever the clocks of the instances say: what was on a list when is told by these times. */
  at: Date
}

/** Moves an app's rules, its lists and policy, to their next version: what was decided on the one before no longer holds. */
export const nextListVersion = async (trx: Kysely<Database>, appId: string, now: Date): Promise<bigint> =>
  (await beginListVersion(trx, appId, now)).version

/** As {@link nextListVersion}, for who notes since when it is so. */
export async function beginListVersion(trx: Kysely<Database>, appId: string, now: Date): Promise<ListVersion> {
  const { version, updated_at: at } = await trx
    .updateTable('list_version')
    .set((row) => ({ version: row('version', '+', 1n), updated_at: sql<Date>`greatest(updated_at, ${now})` }))
    .where('app_id', '=', appId)
    .returning(['version', 'updated_at'])
    .executeTakeFirstOrThrow()
  return { version, at }
}

/** Notes in which version a list changed last. */
export const changedIn = async (trx: Kysely<Database>, listId: string, { version }: ListVersion): Promise<void> => {
  await trx.updateTable('list').set({ changed_in: version }).where('id', '=', listId).execute()
}

/** For a commit that changes a list: all of an app meet at the row of its version, so that a busy one needs more tries. */
export const changingLists: RetryOptions = {
  idempotent: true,
  maxAttempts: 30,
  // somebody else made the same list, or put the same subject on it
  retryOn: (error) => codeOf(error) === '23505',
}
