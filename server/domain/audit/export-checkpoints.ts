import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { CheckpointSink } from '../../gateways/checkpoints/checkpoint-sink.ts'
import { checkpointColumns, checkpointOf, lineOf } from './checkpoint.ts'

const LOT = 100

/**
 * Hands every checkpoint to a place outside of the database that it has not taken yet, oldest first.
 *
 * @returns how many
 * @throws whatever the place throws; those that it took before are remembered
 */
export async function exportCheckpoints(
  db: Kysely<Database>,
  sink: CheckpointSink,
  now: Date,
  signal?: AbortSignal,
): Promise<number> {
  const destination = hash('sha256', sink.destination, 'buffer')
  for (let count = 0; ; ) {
    signal?.throwIfAborted()
    const taken = await db
      .selectFrom('audit_export')
      .select('number')
      .where('destination', '=', destination)
      .executeTakeFirst()
    const rows = await db
      .selectFrom('audit_checkpoint')
      .select(checkpointColumns)
      .where('number', '>', taken?.number ?? 0n)
      .orderBy('number')
      .limit(LOT)
      .execute()
    const last = rows.at(-1)
    if (!last) return count
    const checkpoints = rows.map(checkpointOf)
    await sink.put(
      checkpoints.map((one) => ({ number: one.number, line: lineOf(one) })),
      signal,
    )
    await atomically(
      db,
      (one) =>
        one
          .insertInto('audit_export')
          .values({ destination, number: last.number, exported_at: now })
          .onConflict((conflict) =>
            conflict
              .column('destination')
              .doUpdateSet({ number: last.number, exported_at: now })
              .where('audit_export.number', '<', last.number),
          )
          .execute(),
      { idempotent: true },
    )
    count += rows.length
  }
}
