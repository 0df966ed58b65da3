import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Review } from '../../contract/policies.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { actorOf, type Principal } from '../principal.ts'
import type { ReviewTrail } from './get-review.ts'
import { reviewColumns, reviewOf } from './review-of.ts'

/**
 * Closes an open review, with its audit leaf and event.
 *
 * @throws REVIEW_CLOSED if it no longer is open, or was asked for by whoever decides
 */
export async function closeReview(
  trx: Kysely<Database>,
  row: ReviewTrail,
  principal: Principal,
  { to, note, at }: { to: Exclude<Review['state'], 'open' | 'obsolete'>; note: string | null; at: Date },
): Promise<Review> {
  const step = nextStep(row, {
    object: { type: 'review', id: row.id, appId: row.app_id },
    principal,
    type: `review.${to}`,
    at,
    data: { decision: row.decision_id, note, payment: row.payment_id, requestedBy: row.requested_by },
  })
  const byClock = to === 'expired'
  const closed = await trx
    .updateTable('review')
    .set({
      state: to,
      note,
      ...(!byClock && { decided_by: actorOf(principal), decided_at: at }),
      next_attempt_at: null,
      ...step.head,
    })
    .where('id', '=', row.id)
    .where('version', '=', row.version)
    .where('state', '=', 'open')
    .where('requested_by', '<>', actorOf(principal))
    .where('expires_at', byClock ? '<=' : '>', at)
    .returning(reviewColumns)
    .executeTakeFirst()
  if (!closed) throw closedBefore(row.state)
  await append(trx, step)
  return reviewOf(closed)
}

/** @throws REVIEW_CLOSED */
export function requireOpen({ state, expires_at }: Pick<ReviewTrail, 'state' | 'expires_at'>, now: Date): void {
  if (state !== 'open' || expires_at <= now) throw closedBefore(state === 'open' ? 'expired' : state)
}

const closedBefore = (state: Review['state']) =>
  new DomainError('REVIEW_CLOSED', `This review is ${saying[state]} and can no longer be decided on. Read it again.`, {
    state,
  })

const saying: Record<Review['state'], string> = {
  open: 'being changed by somebody else',
  approved: 'approved',
  denied: 'denied',
  expired: 'expired',
  obsolete: 'obsolete, since its payment was taken back or refused by a rule,',
}
