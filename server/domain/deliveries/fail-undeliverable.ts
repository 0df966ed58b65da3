import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'

/**
 * Ends what waits for endpoints that were deleted, at most so much of it. Nobody claims it meanwhile.
 *
 * @param endpointId that was deleted; without one, all that were
 * @returns how many
 */
export async function failUndeliverable(
  db: Kysely<Database>,
  now: Date,
  most: number,
  endpointId?: string,
): Promise<number> {
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
                .limit(most)
                .as('waiting'),
            )
            .select('waiting.id')
            .where('endpoint.state', '=', 'deleted')
            .$if(endpointId !== undefined, (one) => one.where('endpoint.id', '=', endpointId!))
            .limit(most),
        )
        .where('next_attempt_at', 'is not', null)
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numUpdatedRows)
}
