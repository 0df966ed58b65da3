import { emptyTrail, nextStep } from '../audit/trail.ts'
import { actorOf, type Principal } from '../principal.ts'
import { shardOf } from '../shard.ts'

/** What waits for an officer, as it is written with the payment that is held. */
export interface NewReview {
  id: string
  /** Who wants the payment, and so does not decide on it. */
  requestedBy: string
  expiresAt: Date
  shard: number
  audit: { body: Buffer; hash: Buffer }
  /** What its event says, as JSON. */
  facts: string
}

/** Milliseconds after which nobody decides on a held payment any more. */
export const REVIEW_LIFETIME = 3 * 86_400_000

/** Of which payment it is, in which app, and the decision that asks for it. */
interface About {
  id: string
  appId: string
  paymentId: string
  decisionId: string
}

export function newReview(principal: Principal, { id, appId, paymentId, decisionId }: About, now: Date): NewReview {
  const requestedBy = actorOf(principal)
  const expiresAt = new Date(now.getTime() + REVIEW_LIFETIME)
  const { audit, event } = nextStep(emptyTrail, {
    object: { type: 'review', id, appId },
    principal,
    type: 'review.opened',
    at: now,
    data: { decision: decisionId, expiresAt: expiresAt.toISOString(), payment: paymentId, requestedBy },
  })
  return { id, requestedBy, expiresAt, shard: shardOf(id), audit, facts: String(event.data) }
}
