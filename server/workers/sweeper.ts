import { sweepRateLimits } from '../auth/rate-limits.ts'
import { failUndeliverable } from '../domain/deliveries/fail-undeliverable.ts'
import { sweepImports } from '../domain/lists/sweep-imports.ts'
import { sweepChallenges } from '../domain/sessions/sweep-challenges.ts'
import { sweepNonces } from '../domain/x402/sweep-nonces.ts'
import type { Services } from '../services.ts'
import { type Repetition, repeat } from './repeat.ts'

/** Milliseconds between two sweeps. */
const INTERVAL = 60_000

/** How many rows one statement ends at most. */
const LOT = 5_000

const sweeps = {
  challenges: sweepChallenges,
  'rate limits': sweepRateLimits,
  'x402 nonces': sweepNonces,
  imports: sweepImports,
  deliveries: failUndeliverable,
}

/**
 * Ends what nobody will: deletes challenges that nobody answered, counts of windows that have ended and imports that came to nothing,
 * and fails what waits for endpoints that were deleted.
 */
export const startSweeper = (services: Services): Repetition =>
  repeat(async (stopping) => {
    for (const [what, lotOf] of Object.entries(sweeps))
      try {
        while (!stopping.aborted && (await lotOf(services.db, services.clock.now(), LOT)) === LOT);
      } catch (error) {
        services.metrics.workerFailures.inc({ queue: 'sweeper' })
        services.log.warn({ err: error, what }, 'sweeping failed; it is done again in a minute')
      }
    return INTERVAL
  })
