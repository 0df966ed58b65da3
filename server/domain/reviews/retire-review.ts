import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { trailColumns } from './get-review.ts'

/** Ends the review of a transaction that is held no more, in the commit that moves it: nothing is left to decide. */
export async function retireReview(
  trx: Kysely<Database>,
  transactionId: string,
  principal: Principal,
  { because, at }: { because: 'cancelled' | 'refused'; at: Date },
): Promise<void> {
  const row = await trx
    .selectFrom('review')
    .innerJoin('payment', 'payment.id', 'review.payment_id')
    .select(trailColumns.map((column) => `review.${column}` as const))
    .where('payment.transaction_id', '=', transactionId)
    .where('review.state', '=', 'open')
    .executeTakeFirst()
  if (!row) return
  const step = nextStep(row, {
    object: { type: 'review', id: row.id, appId: row.app_id },
    principal,
    type: 'review.obsolete',
    at,
    data: { because, decision: row.decision_id, payment: row.payment_id, requestedBy: row.requested_by },
  })
  await trx
    .updateTable('review')
    .set({ state: 'obsolete', next_attempt_at: null, ...step.head })
    .where('id', '=', row.id)
    .execute()
  await append(trx, step)
}
