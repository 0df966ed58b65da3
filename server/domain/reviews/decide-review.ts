import { transaction } from '../../../db/transaction.ts'
import type { Review } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { refusedByCompliance, storeRefusal } from '../compliance/refusal.ts'
import { DomainError } from '../domain-error.ts'
import { actorOf, type UserPrincipal } from '../principal.ts'
import { advance } from '../transactions/advance.ts'
import { askCompliance } from '../transactions/ask-compliance.ts'
import { closeReview, requireOpen } from './close-review.ts'
import { getReview, reviewToChange } from './get-review.ts'
import { heldPayment } from './held-payment.ts'
import { reviewOf } from './review-of.ts'

/** What an officer has decided. */
export interface ReviewVerdict {
  reviewId: string
  verdict: 'approved' | 'denied'
  note: string
}

/** How often the review or the rules may change under a verdict before the officer is told to look again. */
const TRIES = 5

/**
 * Decides on a held payment: approved, it is accepted and goes its way; denied, it is refused. The payment moves in the commit of
 * the verdict. What compliance refuses by now, no officer can let pass. Nobody decides on what they asked for, or pay themselves.
 *
 * @throws NOT_FOUND, REVIEW_CLOSED (details: `state`), NEEDS_ANOTHER_PERSON, REFUSED_BY_COMPLIANCE, CONFLICT
 */
export async function decideReview(
  services: Services,
  principal: UserPrincipal,
  { reviewId, verdict, note }: ReviewVerdict,
): Promise<Review> {
  const isApproved = verdict === 'approved'
  for (let tries = 0; tries < TRIES; tries++) {
    const row = await reviewToChange(services.db, principal, reviewId)
    if (row.state === verdict && row.decided_by === actorOf(principal)) return reviewOf(row)
    requireOpen(row, services.clock.now())
    const held = await heldPayment(services, row.payment_id)
    // it has just been decided on, taken back or refused
    if (!held) continue
    if (row.requested_by === actorOf(principal) || held.payerId === principal.userId)
      throw new DomainError(
        'NEEDS_ANOTHER_PERSON',
        'You asked for this payment or pay it yourself, so another compliance officer decides on it.',
      )
    const standpoint = isApproved ? await askCompliance(services, held.transaction) : null
    if (standpoint?.objection) {
      const { decision } = standpoint.objection
      const about = { payment: row.payment_id, review: reviewId }
      await transaction(
        services.db,
        (trx) => storeRefusal(trx, principal, decision, { about, at: services.clock.now() }),
        { idempotent: true },
      )
      throw refusedByCompliance(decision)
    }

    const moved = await advance(services, held.transaction, {
      principal,
      ...(standpoint
        ? { to: 'queued', listVersion: standpoint.rulesVersion, nextAttemptAt: services.clock.now() }
        : { to: 'refused', facts: { ...denial, refusal_id: row.decision_id }, nextAttemptAt: null }),
      alongside: async (trx, at) => {
        await closeReview(trx, row, principal, { to: verdict, note, at })
      },
    }).catch((error) => {
      // somebody was quicker with the review, or has only noted something on it
      if (error instanceof DomainError && error.code === 'REVIEW_CLOSED') return null
      throw error
    })
    if (!moved) continue
    if (isApproved) services.nudge.transaction(moved.id)
    return getReview(services, principal, { reviewId })
  }
  throw new DomainError('CONFLICT', 'The rules or this review kept changing. Read the review again, and decide then.')
}

/** What the payer is told. Why is in the review, for those who may know. */
const denial = {
  failure_reason: 'DENIED_BY_OFFICER',
  failure_message: 'A compliance officer decided against this payment.',
}
