import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'

/** How many deliveries one statement ends at most. */
const LOT = 1_000

/**
 * Ends what waits for endpoints that were deleted, lot by lot: there may be more of it than one statement has time for. Nobody claims it
 * meanwhile.
 *
 * @param endpointId that was deleted; without one, all that were
 */
export async function failUndeliverable(db: Kysely<Database>, now: Date, endpointId?: string): Promise<void> {
  while ((await failLot(db, now, endpointId)) === LOT);
}

async function failLot(db: Kysely<Database>, now: Date, endpointId?: string): Promise<number> {
  const { numUpdatedRows } = await atomically(
    db,
    (one) =>
      one
        .updateTable('delivery')
        .set({ state: 'failed', next_attempt_at: null, ended_at: now, failure: 'endpoint_deleted' })
        .where('id', 'in', (waiting) =>
          waiting
            .selectFrom('endpoint')
            .crossJoinLateral((its) =>
              its
                .selectFrom('delivery')
                .select('delivery.id')
                .whereRef('delivery.endpoint_id', '=', 'endpoint.id')
                .where('delivery.next_attempt_at', 'is not', null)
                .limit(LOT)
                .as('waiting'),
            )
            .select('waiting.id')
            .where('endpoint.state', '=', 'deleted')
            .$if(endpointId !== undefined, (one) => one.where('endpoint.id', '=', endpointId!))
            .limit(LOT),
        )
        .where('next_attempt_at', 'is not', null)
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numUpdatedRows)
}
