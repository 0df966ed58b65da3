import { createHmac } from 'node:crypto'
import type { Kysely } from 'kysely'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Database } from '../../db/schema.ts'
import { DomainError } from '../domain/domain-error.ts'
import { inLots } from './in-lots.ts'
import { type RateLimitStore, rateLimitStore } from './rate-limit-store.ts'

export { networkOf } from './network-of.ts'
export { sweepRateLimits } from './rate-limit-store.ts'

/** The classes of procedures by how often one caller may call them. */
export type Limit = 'signIn' | 'money' | 'write' | 'read'

/** `points` calls in each window of `seconds`. A caller's window begins with its first call and ends for all its calls at once. */
export interface LimitSize {
  points: number
  seconds: number
}

/** What one person, or one network of people who have not signed in, may do. An app's server may do {@link peoplePerApp} times that. */
export const defaultLimits: Record<Limit, LimitSize> = {
  signIn: { points: 30, seconds: 60 },
  money: { points: 120, seconds: 60 },
  write: { points: 300, seconds: 60 },
  read: { points: 1_200, seconds: 60 },
}

/** For how many people at once an app's server speaks: 2,000 payments a second, by the default limits. */
export const peoplePerApp = 1_000

export interface RateLimits {
  /**
   * Counts one call of `caller`: `user:<id>`, `ip:<network>` (see {@link networkOf}), or `app:<id>` for the API keys of an app, which
   * share its limit.
   *
   * @throws RATE_LIMITED (details: `retryAfterSeconds`, whole and at least 1)
   */
  consume(limit: Limit, caller: string): Promise<void>
}

export interface RateLimitsOptions {
  /** For one person; {@link defaultLimits} are made for most. */
  limits: Record<Limit, LimitSize>
  /** What networks are hashed with before they are stored; the same in every instance. */
  secret: string
  /** How many times a person's limit a caller has that begins with `app:`. */
  peoplePerApp?: number
  /** Told when the database could not count, so that each instance counts alone. */
  onStoreFailure?: (error: unknown) => void
}

/** Counts for one class of procedures. @throws RateLimiterRes for a caller that is refused */
type Counter = (caller: string) => Promise<unknown>

/**
 * How often callers may call. Signing in and money are counted in the database, for all instances together, in lots of a fiftieth
 * of the limit (see {@link inLots}; a limit below 100 is counted call by call). The rest is counted by each instance for itself.
 *
 * Whoever was refused is refused from memory until its window ends. While the database does not answer, each instance counts those
 * too for itself, so a limit may hold once for every instance. The clocks of the instances must agree to the second: the window
 * ends by the clock of whoever counts.
 */
export function rateLimits(db: Kysely<Database>, options: RateLimitsOptions): RateLimits {
  const store = rateLimitStore(db, options.onStoreFailure ?? (() => {}))
  const stored = (caller: string) => (caller.startsWith('ip:') ? `ip:${hashOf(caller, options.secret)}` : caller)
  const counters = (people: number): Record<Limit, Counter> => {
    const sizeOf = (limit: Limit) => ({ ...options.limits[limit], points: options.limits[limit].points * people })
    return {
      signIn: shared(store, 'signIn', sizeOf('signIn')),
      money: shared(store, 'money', sizeOf('money')),
      write: local(sizeOf('write')),
      read: local(sizeOf('read')),
    }
  }
  const [ofPerson, ofApp] = [counters(1), counters(options.peoplePerApp ?? peoplePerApp)]

  return {
    async consume(limit, caller) {
      const counter = caller.startsWith('app:') ? ofApp[limit] : ofPerson[limit]
      try {
        await counter(stored(caller))
      } catch (error) {
        throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext) : error
      }
    },
  }
}

/** Where somebody calls from is personal data, and there are few enough networks to try the plain hashes of all. */
const hashOf = (caller: string, secret: string): string =>
  createHmac('sha256', secret).update(`rate limit of ${caller}`).digest('hex').slice(0, 32)

function local({ points, seconds }: LimitSize): Counter {
  const counter = new RateLimiterMemory({ points, duration: seconds })
  return (caller) => counter.consume(caller)
}

function shared(store: RateLimitStore, limit: Limit, { points, seconds }: LimitSize): Counter {
  const counter = new RateLimiterPostgres({
    points,
    duration: seconds,
    keyPrefix: limit,
    storeClient: store,
    storeType: 'client',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    inMemoryBlockOnConsumed: points,
    insuranceLimiter: new RateLimiterMemory({ points, duration: seconds }),
  })
  return inLots(counter, Math.max(1, Math.floor(points / 50)))
}

function tooMany(milliseconds: number): DomainError {
  const retryAfterSeconds = Math.max(1, Math.ceil(milliseconds / 1000))
  const wait = retryAfterSeconds === 1 ? '1 second' : `${retryAfterSeconds} seconds`
  return new DomainError(
    'RATE_LIMITED',
    `That was too often in too short a time, and this call did nothing. Wait ${wait}, then repeat it.`,
    { retryAfterSeconds },
  )
}
