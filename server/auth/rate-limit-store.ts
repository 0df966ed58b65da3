import { CompiledQuery, type Kysely, type Selectable } from 'kysely'
import type { Database } from '../../db/schema.ts'
import { atomically } from '../../db/transaction.ts'

type Count = Pick<Selectable<Database['rate_limit']>, 'points' | 'expire'>

/** What RateLimiterPostgres asks of a database client. */
export interface RateLimitStore {
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: { points: number; expire: number }[] }>
}

/** How long the database is left alone after a failure, in milliseconds: a caller waits for its silence once, not at every call. */
const rest = 5_000

/**
 * Runs the counting statements of RateLimiterPostgres as all of ours run. One that was repeated because its outcome was lost
 * counts twice: the caller is refused early, never late.
 *
 * `onFailure` is told of every statement that failed in the end.
 */
export function rateLimitStore(db: Kysely<Database>, onFailure: (error: unknown) => void): RateLimitStore {
  let failed: { error: unknown; at: number } | undefined

  return {
    async query({ text, values }) {
      if (failed && performance.now() - failed.at < rest) throw failed.error
      try {
        const query = CompiledQuery.raw(withColumns(text), values)
        const { rows } = await atomically(db, (one) => one.executeQuery<Count>(query), { idempotent: true })
        failed = undefined
        // the library subtracts the time from it as a number
        return { rows: rows.map(({ points, expire }) => ({ points, expire: Number(expire) })) }
      } catch (error) {
        failed = { error, at: performance.now() }
        onFailure(error)
        throw error
      }
    },
  }
}

/** The library relies on the order of the columns; in a table that was altered, it may be another. */
const withColumns = (text: string) => text.replace(' VALUES ', ' (key, points, expire) VALUES ')

/**
 * Deletes the counts of windows that have ended, at most so many, and answers how many. They count for nothing any more: who
 * calls again begins a new window either way.
 *
 * @throws DatabaseUnavailable, DatabaseBusy
 */
export async function sweepRateLimits(db: Kysely<Database>, now: Date, most: number): Promise<number> {
  const { numDeletedRows } = await atomically(
    db,
    (one) =>
      one
        .deleteFrom('rate_limit')
        .where('key', 'in', (expired) =>
          expired.selectFrom('rate_limit').select('key').where('expire', '<=', BigInt(now.getTime())).limit(most),
        )
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numDeletedRows)
}
