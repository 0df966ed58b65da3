import { SHARDS } from '../domain/shard.ts'
import { findUnscreened, rescreen } from '../domain/transactions/rescreen.ts'
import type { Services } from '../services.ts'
import { type Repetition, repeat } from './repeat.ts'

/** Milliseconds between two looks: what waits is asked about again well within a second of the change. */
const INTERVAL = 250

/** How many are asked about together. */
const LOT = 200

/**
 * Asks compliance again about payments that wait, whenever the lists or the policy of their app have changed. What was last asked on which
 * version is on the rows, so that nothing is missed by an instance that was away, and every instance may look: what one has refused or let
 * pass, the others find done.
 */
export const startRescreener = (services: Services): Repetition =>
  repeat(async (stopping) => {
    try {
      const shard = Math.floor(Math.random() * SHARDS)
      for (let done = LOT; done === LOT && !stopping.aborted; )
        done = await rescreen(services, await findUnscreened(services, shard, LOT))
    } catch (error) {
      services.metrics.workerFailures.inc({ queue: 'rescreening' })
      services.log.warn({ err: error }, 'payments that wait could not be asked about again; it is tried again')
    }
    return INTERVAL
  })
