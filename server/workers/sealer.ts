import { randomUUID } from 'node:crypto'
import { exportCheckpoints } from '../domain/audit/export-checkpoints.ts'
import type { AuditKey, PublicKeys } from '../domain/audit/keys.ts'
import { BATCH, sealLeaves } from '../domain/audit/seal-leaves.ts'
import type { CheckpointSink } from '../gateways/checkpoints/checkpoint-sink.ts'
import type { Services } from '../services.ts'
import { giveLease, takeLease } from './lease.ts'
import { type Repetition, repeat } from './repeat.ts'

export interface SealerOptions {
  key: AuditKey
  publicKeys: PublicKeys
  /** Milliseconds between two looks. */
  interval: number
  /** Where checkpoints go beside the database; null is nowhere. */
  sink: CheckpointSink | null
}

/** How often all that waits is looked at, and not only what is recent: a commit may take longer than a minute. */
const WHOLE = 10 * 60_000

/**
 * Seals the audit trail: one at a time over all instances, every few seconds. Between the whole looks it reads only what is recent:
 * a database that keeps deleted rows for hours would have it walk over them each time.
 */
export function startSealer(services: Services, options: SealerOptions): Repetition {
  const { db, clock, log, metrics } = services
  const { key, publicKeys, interval, sink } = options
  const lease = { name: 'sealer', holder: randomUUID() }
  const term = Math.max(15_000, 3 * interval)
  let stopping = false
  let nextWhole = 0

  const failed = (err: unknown, what: string) => {
    metrics.workerFailures.inc({ queue: 'sealer' })
    log.warn({ err }, what)
  }

  /** False: another seals. */
  async function sealAll(): Promise<boolean> {
    const recent = performance.now() < nextWhole
    for (let sealed = BATCH; sealed === BATCH; ) {
      if (stopping) return false
      if (!(await takeLease(db, lease, term))) {
        nextWhole = 0 // who knows what the other left
        return false
      }
      sealed = (await sealLeaves(db, { key, publicKeys, now: clock.now(), recent }))?.leaves ?? 0
      metrics.sealedLeaves.inc(sealed)
    }
    if (!recent) nextWhole = performance.now() + WHOLE
    return true
  }

  // beside the sealing: a place that is slow to answer holds up nothing
  const leaving = new AbortController()
  let exporting: Promise<void> | null = null
  function exportAll(to: CheckpointSink): void {
    exporting ??= exportCheckpoints(db, to, clock.now(), leaving.signal)
      .then(
        (count) => metrics.exportedCheckpoints.inc(count),
        (error) => {
          if (!stopping) failed(error, 'checkpoints could not be exported; it is tried again')
        },
      )
      .finally(() => {
        exporting = null
      })
  }

  const rounds = repeat(async () => {
    try {
      if ((await sealAll()) && sink) exportAll(sink)
    } catch (error) {
      nextWhole = 0
      failed(error, 'sealing the audit trail failed; it is tried again')
    }
    return interval
  })

  return {
    async stop() {
      stopping = true
      leaving.abort()
      await rounds.stop()
      await exporting
      await giveLease(db, lease).catch((error) => failed(error, 'the lease of the sealer could not be given back'))
    },
  }
}
