import type { Review } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { actorOf, type UserPrincipal } from '../principal.ts'
import { advance } from '../transactions/advance.ts'
import { askCompliance } from '../transactions/submit.ts'
import { closedBefore, closeReview, requireOpen } from './close-review.ts'
import { getReview, reviewToChange } from './get-review.ts'
import { heldTransaction } from './held-transaction.ts'
import { reviewOf } from './review-of.ts'

/** What an officer has decided. */
export interface ReviewVerdict {
  reviewId: string
  verdict: 'approved' | 'denied'
  note: string
}

const denied = { failure_reason: 'DENIED_BY_OFFICER', failure_message: 'A compliance officer denied it.' }

/**
 * Decides on a held payment: approved, it is accepted and goes its way; denied, it is refused. The payment moves in the commit of
 * the verdict. What compliance refuses by now, no officer can let pass.
 *
 * @throws NOT_FOUND, REVIEW_CLOSED, NEEDS_ANOTHER_PERSON, REFUSED_BY_COMPLIANCE
 */
export async function decideReview(
  services: Services,
  principal: UserPrincipal,
  { reviewId, verdict, note }: ReviewVerdict,
): Promise<Review> {
  const row = await reviewToChange(services.db, principal, reviewId)
  if (row.state === verdict && row.decided_by === actorOf(principal)) return reviewOf(row)
  requireOpen(row, services.clock.now())
  if (row.requested_by === actorOf(principal))
    throw new DomainError(
      'NEEDS_ANOTHER_PERSON',
      'You asked for this payment yourself, so another compliance officer decides on it.',
    )
  const held = await heldTransaction(services, row.payment_id)
  if (!held) throw closedBefore('cancelled')

  const isApproved = verdict === 'approved'
  const { objection, listVersion } = await askCompliance(services, held, ['deny'])
  if (isApproved && objection)
    throw new DomainError('REFUSED_BY_COMPLIANCE', objection.failure_message!, { code: objection.failure_reason })
  const moved = await advance(services, held, {
    to: isApproved ? 'queued' : 'refused',
    principal,
    // the note is for officers: whoever pays reads the payment
    facts: isApproved ? {} : denied,
    nextAttemptAt: isApproved ? services.clock.now() : null,
    ...(isApproved && { listVersion }),
    alongside: async (trx, at) => {
      await closeReview(trx, row, principal, { to: verdict, note, at })
    },
  })
  if (!moved) throw closedBefore('open')
  if (isApproved) services.nudge.transaction(moved.id)
  return getReview(services, principal, { reviewId })
}
