import { sweepRateLimits } from '../auth/rate-limits.ts'
import { sweepImports } from '../domain/lists/sweep-imports.ts'
import { sweepChallenges } from '../domain/sessions/sweep-challenges.ts'
import type { Services } from '../services.ts'

/** Milliseconds between two sweeps. */
const INTERVAL = 60_000

/** How many rows one statement deletes at most. */
const LOT = 5_000

/** Deletes what has no more use by its age: challenges that nobody answered, counts of windows that have ended, imports that
 * came to nothing. */
export function startSweeper(services: Services): { stop(): Promise<void> } {
  const sweeps = { challenges: sweepChallenges, 'rate limits': sweepRateLimits, imports: sweepImports }
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  async function sweep(): Promise<void> {
    for (const [what, lotOf] of Object.entries(sweeps))
      try {
        while (!stopping && (await lotOf(services.db, services.clock.now(), LOT)) === LOT);
      } catch (error) {
        services.metrics.workerFailures.inc({ queue: 'sweeper' })
        services.log.warn({ err: error, what }, 'sweeping failed; it is done again in a minute')
      }
    if (!stopping) timer = setTimeout(run, INTERVAL)
  }
  let sweeping: Promise<void> = Promise.resolve()
  const run = () => {
    sweeping = sweep()
  }
  run()

  return {
    async stop() {
      stopping = true
      clearTimeout(timer)
      await sweeping
    },
  }
}
