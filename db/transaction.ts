import type { Kysely, Transaction } from 'kysely'
import { type Phase, type RetryOptions, retrying } from './retry.ts'

export { AmbiguousCommit, DatabaseBusy, DatabaseUnavailable, isConnectionError } from './retry.ts'

/**
 * Runs `body` in one SERIALIZABLE transaction and commits it. The whole body runs again when the database asks for it
 * (40001, 40P01) or the connection was lost before the commit, so it does nothing but database work.
 *
 * @throws AmbiguousCommit when the connection was lost while committing, unless `idempotent`
 * @throws DatabaseUnavailable, DatabaseBusy, and whatever `body` throws, with nothing committed
 */
export function transaction<DB, Result>(
  db: Kysely<DB>,
  body: (trx: Transaction<DB>) => Promise<Result>,
  options: RetryOptions = {},
): Promise<Result> {
  return retrying(db, options, (progress) => attemptTransaction(db, body, progress))
}

// Kysely's own `transaction().execute()` hides a lost connection behind the failure of its ROLLBACK, and with it whether
// COMMIT had been sent.
async function attemptTransaction<DB, Result>(
  db: Kysely<DB>,
  body: (trx: Transaction<DB>) => Promise<Result>,
  progress: { phase: Phase },
): Promise<Result> {
  const trx = await db.startTransaction().setIsolationLevel('serializable').execute()
  try {
    progress.phase = 'body'
    const result = await body(trx)
    progress.phase = 'commit'
    await trx.commit().execute()
    return result
  } catch (error) {
    // a connection that cannot even roll back is thrown away by Kysely
    if (!trx.isCommitted && !trx.isRolledBack)
      await trx
        .rollback()
        .execute()
        .catch(() => {})
    throw error
  }
}

/**
 * Runs one statement as a transaction of its own, in one round trip, under the same law. Once it was sent, a lost
 * connection leaves its outcome unknown.
 *
 * @throws AmbiguousCommit, DatabaseUnavailable, DatabaseBusy as {@link transaction} does
 */
export function atomically<DB, Result>(
  db: Kysely<DB>,
  statement: (executor: Kysely<DB>) => Promise<Result>,
  options: RetryOptions = {},
): Promise<Result> {
  return retrying(db, options, (progress) => onOneConnection(db, progress, 'statement', statement))
}

const onOneConnection = <DB, Result>(
  db: Kysely<DB>,
  progress: { phase: Phase },
  phase: Phase,
  work: (executor: Kysely<DB>) => Promise<Result>,
) =>
  db.connection().execute((connection) => {
    progress.phase = phase
    return work(connection)
  })

/** For a statement that only reads: asking again changes nothing. */
export const reading: RetryOptions = { idempotent: true }
