import { transaction } from '../../../db/transaction.ts'
import type { Review } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { actorOf, type UserPrincipal } from '../principal.ts'
import { requireOpen } from './close-review.ts'
import { reviewToChange } from './get-review.ts'
import { reviewOf } from './review-of.ts'

/**
 * Takes a review on oneself, with a note for others, or gives it back.
 *
 * @throws NOT_FOUND, REVIEW_CLOSED
 */
export function assignReview(
  services: Services,
  principal: UserPrincipal,
  { reviewId, take, note }: { reviewId: string; take: boolean; note?: string | undefined },
): Promise<Review> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await reviewToChange(trx, principal, reviewId)
      const now = services.clock.now()
      requireOpen(row, now)
      const change = { assigned_to: take ? actorOf(principal) : null, note: note ?? row.note }
      if (change.assigned_to === row.assigned_to && change.note === row.note) return reviewOf(row)
      const step = nextStep(row, {
        object: { type: 'review', id: reviewId, appId: row.app_id },
        principal,
        type: 'review.assigned',
        at: now,
        data: { assignedTo: change.assigned_to, note: change.note, payment: row.payment_id },
      })
      await trx
        .updateTable('review')
        .set({ ...change, ...step.head })
        .where('id', '=', reviewId)
        .execute()
      await append(trx, step)
      return reviewOf({ ...row, ...change })
    },
    { idempotent: true },
  )
}
