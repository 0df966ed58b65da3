import { randomUUID } from 'node:crypto'
import { LOT, placeEvents } from '../domain/events/place-events.ts'
import type { Services } from '../services.ts'
import { giveLease, takeLease } from './lease.ts'
import { type Repetition, repeat } from './repeat.ts'

/** Milliseconds between two looks. What happened is told at most so much later. */
const TICK = 50
/** Milliseconds that one sequencer has the turn; it renews it in good time, and after a crash another takes over at its end. */
const TERM = 3_000
/** How often all that waits is looked at, and not only what is recent: a commit may take longer than a minute. */
const WHOLE = 60_000

/**
 * Gives events their places in the feed: one at a time over all instances. The turn spares work; two at once would do no harm.
 */
export function startSequencer(services: Services): Repetition {
  const { db, log, metrics, nudge } = services
  const lease = { name: 'sequencer', holder: randomUUID() }
  let renewAt = 0
  let nextWhole = 0

  const failed = (err: unknown, what: string) => {
    metrics.workerFailures.inc({ queue: 'sequencer' })
    log.warn({ err }, what)
  }

  async function hasTurn(): Promise<boolean> {
    if (performance.now() < renewAt) return true
    const asked = performance.now()
    const taken = await takeLease(db, lease, TERM)
    renewAt = taken ? asked + TERM / 3 : 0
    if (!taken) nextWhole = 0 // who knows what the other leaves
    return taken
  }

  async function place(stopping: AbortSignal): Promise<void> {
    for (let isMore = true; isMore && !stopping.aborted; ) {
      if (!(await hasTurn())) return
      const recent = performance.now() < nextWhole
      const { waiting, appIds } = await placeEvents(db, { recent })
      const given = appIds.length > 0
      if (given) nudge.feed(appIds)
      // where none was given another is at it, and what it leaves is looked for in the next round
      isMore = given && waiting === LOT
      if (!recent && (waiting === 0 || (given && !isMore))) nextWhole = performance.now() + WHOLE
    }
  }

  const rounds = repeat(async (stopping) => {
    try {
      await place(stopping)
      return renewAt === 0 ? TERM / 3 : TICK
    } catch (error) {
      nextWhole = 0
      failed(error, 'events could not be given their places; it is tried again')
      return 1_000
    }
  })

  return {
    async stop() {
      await rounds.stop()
      await giveLease(db, lease).catch((error) => failed(error, 'the lease of the sequencer could not be given back'))
    },
  }
}
