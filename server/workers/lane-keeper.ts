import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../db/schema.ts'
import type { Lane } from '../gateways/local-signer/lane.ts'
import type { Log } from '../telemetry/log.ts'
import { giveLease, takeLease } from './lease.ts'
import { type Repetition, repeat } from './repeat.ts'

export interface LaneKeeperOptions {
  db: Kysely<Database>
  log: Log
  lane: Lane
  /** Milliseconds between two looks. */
  interval: number
  onFailure(): void
}

/**
 * Looks after what is on its way on a lane, one instance at a time: two would do no harm, and ask the node for everything twice. When
 * the one that does it dies, another goes on in a few seconds.
 */
export function startLaneKeeper({ db, log, lane, interval, onFailure }: LaneKeeperOptions): Repetition {
  const { chainId, address } = lane
  const lease = { name: `lane eip155:${chainId} ${address}`, holder: randomUUID() }
  const term = Math.max(3_000, 6 * interval)
  let isHeldUntil = Number.NEGATIVE_INFINITY

  const rounds = repeat(async () => {
    try {
      // renewed at half of its time, so that most looks cost no write
      const began = performance.now()
      if (began > isHeldUntil - term / 2)
        isHeldUntil = (await takeLease(db, lease, term)) ? began + term : Number.NEGATIVE_INFINITY
      if (began < isHeldUntil) await lane.tend()
    } catch (error) {
      onFailure()
      log.warn(
        { err: error, chainId, address },
        'a lane of the local signer could not be looked after; it is tried again',
      )
    }
    return interval
  })

  return {
    async stop() {
      await rounds.stop()
      await lane.rest()
      await giveLease(db, lease).catch((error) =>
        log.warn({ err: error }, 'the lease of a lane could not be given back'),
      )
    },
  }
}
