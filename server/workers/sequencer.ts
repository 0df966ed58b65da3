import { randomUUID } from 'node:crypto'
import { LOT, placeEvents } from '../domain/events/place-events.ts'
import type { Services } from '../services.ts'
import { giveLease, takeLease } from './lease.ts'

/** Milliseconds between two looks. What happened is told at most so much later. */
const TICK = 50
/** Milliseconds that one sequencer has the turn; it renews it in good time, and after a crash another takes over at its end. */
const TERM = 3_000
/** How often all that waits is looked at, and not only what is recent: a commit may take longer than a minute. */
const WHOLE = 60_000

/**
 * Gives events their places in the feed: one at a time over all instances. The turn spares work; two at once would do no harm.
 */
export function startSequencer(services: Services): { stop(): Promise<void> } {
  const { db, log, metrics, nudge } = services
  const lease = { name: 'sequencer', holder: randomUUID() }
  let stopping = false
  let renewAt = 0
  let nextWhole = 0
  let timer: NodeJS.Timeout | undefined

  const failed = (err: unknown, what: string) => {
    metrics.workerFailures.inc({ queue: 'sequencer' })
    log.warn({ err }, what)
  }

  async function place(): Promise<void> {
    if (performance.now() >= renewAt) {
      const asked = performance.now()
      const taken = await takeLease(db, lease, TERM)
      renewAt = taken ? asked + TERM / 3 : 0
      if (!taken) {
        nextWhole = 0 // who knows what the other left
        return
      }
    }
    const recent = performance.now() < nextWhole
    for (let waiting = LOT, given = true; waiting === LOT && given && !stopping; ) {
      const lot = await placeEvents(db, { recent })
      waiting = lot.waiting
      given = lot.appIds.length > 0
      if (given) nudge.feed(lot.appIds)
    }
    if (!recent) nextWhole = performance.now() + WHOLE
  }

  async function round(): Promise<void> {
    let wait = TICK
    try {
      await place()
      if (renewAt === 0) wait = TERM / 3
    } catch (error) {
      nextWhole = 0
      wait = 1_000
      failed(error, 'events could not be given their places; it is tried again')
    }
    if (!stopping) timer = setTimeout(run, wait)
  }
  let running: Promise<void> = Promise.resolve()
  const run = () => {
    running = round()
  }
  run()

  return {
    async stop() {
      stopping = true
      clearTimeout(timer)
      await running
      await giveLease(db, lease).catch((error) => failed(error, 'the lease of the sequencer could not be given back'))
    },
  }
}
