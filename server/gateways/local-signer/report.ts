import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { LaneEvent } from './lane.ts'

/** Tells the log and the metrics what happens on the lanes; what needs a person, as an alert. */
export function laneReporter(log: Log, metrics: Metrics): (event: LaneEvent) => void {
  return (event) => {
    const { type, chainId } = event
    metrics.laneEvents.inc({ chain: `eip155:${chainId}`, type }, event.type === 'settled' ? event.ids.length : 1)
    if (event.type === 'settled') return
    // pino writes no bigint
    const said = Object.fromEntries(
      Object.entries(event).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
    )
    if (event.type === 'halted')
      log.error({ ...said, alert: true }, 'a lane of the local signer is halted: nothing more is signed with its key')
    else if (event.type === 'sent again' || event.type === 'replaced') log.info(said, 'a transaction is sent again')
    else log.warn(said, 'the local signer meets resistance')
  }
}
