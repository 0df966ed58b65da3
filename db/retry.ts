import { AbortedTransactionError, type Kysely } from 'kysely'

/**
 * How far an attempt had come: whether anything can have been committed depends on it. `statement` is a statement that is
 * its own transaction.
 */
export type Phase = 'connect' | 'body' | 'commit' | 'statement'

/** One repetition, for the metrics: in which phase it failed, and with which SQLSTATE or error code. */
export interface Retry {
  phase: Phase
  code: string
  attempt: number
}

export interface RetryOptions {
  /**
   * True when running the work again after it was committed changes nothing: it finds its own earlier rows. An unknown
   * outcome is then settled by running it again.
   */
  idempotent?: boolean
  /** How often the work is tried at most, the first time included. */
  maxAttempts?: number
  /** A further error after which the work is tried again, such as the 23505 of a lost race for a sequence number. */
  retryOn?: (error: unknown) => boolean
  onRetry?: (retry: Retry) => void
}

/** The connection was lost while committing: the work is either done or not. Look before doing it again. */
export class AmbiguousCommit extends Error {
  override name = 'AmbiguousCommit'
  constructor(cause: unknown) {
    super(`The database did not say whether it committed: ${messageOf(cause)}`, { cause })
  }
}

/** The database cannot be reached. Nothing was committed; the same call may succeed later. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  constructor(cause: unknown) {
    super(`The database cannot be reached: ${messageOf(cause)}`, { cause })
  }
}

/** Others kept changing the same rows. Nothing was committed; the same call may succeed later. */
export class DatabaseBusy extends Error {
  override name = 'DatabaseBusy'
  constructor(attempts: number, cause: unknown) {
    super(`The work met others on the same rows ${attempts} times: ${messageOf(cause)}`, { cause })
  }
}

const unreachableAfter = { attempts: 3, milliseconds: 1_000 }

/**
 * Runs `attempt` until it succeeds or cannot. `attempt` keeps `progress.phase` up to date, for what an error means depends
 * on it: before the commit a lost connection left nothing behind, while committing it may have.
 *
 * @throws AmbiguousCommit, DatabaseUnavailable, DatabaseBusy, and every other error of the work as it is
 */
export async function retrying<DB, Result>(
  db: Kysely<DB>,
  options: RetryOptions,
  attempt: (progress: { phase: Phase }) => Promise<Result>,
): Promise<Result> {
  const { maxAttempts = 10 } = options
  const started = performance.now()
  let ambiguity: AmbiguousCommit | undefined
  for (let count = 1; ; count++) {
    const progress: { phase: Phase } = { phase: 'connect' }
    try {
      return await attempt(progress)
    } catch (error) {
      const verdict = judge(error, progress.phase, options.retryOn)
      if (verdict === 'final') throw error
      if (verdict === 'ambiguous') ambiguity ??= new AmbiguousCommit(error)
      if (ambiguity && !options.idempotent) throw ambiguity

      const isUnreachable =
        progress.phase === 'connect' &&
        verdict === 'lost' &&
        count >= unreachableAfter.attempts &&
        performance.now() - started > unreachableAfter.milliseconds
      if (isUnreachable || count >= maxAttempts) {
        throw ambiguity ?? (verdict === 'lost' ? new DatabaseUnavailable(error) : new DatabaseBusy(count, error))
      }

      const retry = { phase: progress.phase, code: codeOf(error), attempt: count }
      options.onRetry?.(retry)
      observers.get(db)?.(retry)
      await pause(verdict, count)
    }
  }
}

const observers = new WeakMap<object, (retry: Retry) => void>()

/** Has every retry on this database told to `observer`, besides the caller's own `onRetry`. */
export function observeRetries<DB>(db: Kysely<DB>, observer: (retry: Retry) => void): void {
  observers.set(db, observer)
}

type Verdict = 'again' | 'lost' | 'ambiguous' | 'final'

function judge(error: unknown, phase: Phase, retryOn: RetryOptions['retryOn']): Verdict {
  const code = codeOf(error)
  if (code === '40001' || code === '40P01') return 'again'
  if ((phase === 'commit' || phase === 'statement') && mayHaveCommitted(error, code, phase)) return 'ambiguous'
  if (isConnectionError(error)) return 'lost'
  return code === '40003' || retryOn?.(error) ? 'again' : 'final'
}

/** Whether COMMIT, or a statement that is its own transaction, may have taken effect although it answered with `error`. */
function mayHaveCommitted(error: unknown, code: string, phase: 'commit' | 'statement'): boolean {
  if (code === '40003') return true // CockroachDB: the result is ambiguous
  if (error instanceof Error && neverSent.test(error.message)) return false
  if (isConnectionError(error)) return true
  if (phase === 'commit') {
    if (error instanceof AbortedTransactionError) return false
    return !isSqlState(code) || /^(57|58|53|XX)/.test(code)
  }
  // an error that is not the database's comes from the caller's code around the statement
  return isSqlState(code) && /^(58|XX)/.test(code)
}

const isSqlState = (code: string) => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)

const lostCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01', // shut down by the administrator: every rolling upgrade
  '57P02', // crashed
  '57P03', // starting up
  '57P05', // idle too long
  '25P03', // idle in the transaction too long
  '25P04', // the transaction took too long
  '53300', // too many connections
])
/** The connection was known to be gone before the statement: node-postgres and Kysely refuse without sending it. */
const neverSent =
  /^(Client has encountered a connection error|Client was closed|Postgres connection has been discarded)/
const lostMessages = /^(Connection terminated|timeout e)/

/** Whether an error means that the connection to the database is gone or was never made. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  const code = codeOf(error)
  if (lostCodes.has(code) || /^08...$/.test(code)) return true
  return error instanceof Error && (neverSent.test(error.message) || lostMessages.test(error.message))
}

/** The SQLSTATE or the system's error code; empty when there is none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

const messageOf = (error: unknown) => (error instanceof Error && error.message) || codeOf(error) || String(error)

/** Full jitter for those who met on a row, so that they part; a steadier wait for a server that comes back. */
function pause(verdict: Verdict, count: number): Promise<void> {
  const milliseconds =
    verdict === 'again'
      ? Math.random() * Math.min(500, 5 * 2 ** count)
      : (0.5 + Math.random() / 2) * Math.min(500, 25 * 2 ** count)
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
