import { fanOut } from '../domain/deliveries/fan-out.ts'
import type { Services } from '../services.ts'

/** Milliseconds between two looks at all feeds: what another instance has given its place is told so much later. */
const TICK = 100

/** Writes deliveries for the events that have got their places: at once for those of this process, else by the clock. */
export function startFanOut(services: Services): { nudge(appIds: readonly string[]): void; stop(): Promise<void> } {
  const nudged = new Set<string>()
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  async function look(appIds: readonly string[] | null): Promise<void> {
    try {
      for (let more = true, these = appIds; more && !stopping; ) {
        const told = await fanOut(services, these)
        more = told.more
        // one app that is far behind does not keep the others waiting
        these = null
        for (const endpointId of told.endpointIds) services.nudge.delivery(endpointId)
      }
    } catch (error) {
      services.metrics.workerFailures.inc({ queue: 'fan-out' })
      services.log.warn({ err: error }, 'events could not be turned into deliveries; it is tried again')
    }
  }

  /** One look at a time. */
  let looking: Promise<void> | null = null
  function run(whole: boolean): void {
    if (looking || stopping) return
    const appIds = [...nudged]
    nudged.clear()
    looking = look(whole ? null : appIds).finally(() => {
      looking = null
      if (nudged.size > 0) run(false)
    })
  }
  function tick(): void {
    run(true)
    timer = setTimeout(tick, TICK)
  }
  tick()

  return {
    nudge(appIds) {
      for (const appId of appIds) nudged.add(appId)
      run(false)
    },
    async stop() {
      stopping = true
      clearTimeout(timer)
      await looking
    },
  }
}
