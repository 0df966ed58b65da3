import { emptyTrail } from '../audit/trail.ts'
import { actorOf, type Principal } from '../principal.ts'
import { shardOf } from '../shard.ts'

/** What waits for an officer, as it is written with the payment that is held. */
export interface NewReview {
  id: string
  /** Who wants the payment, and so does not decide on it. */
  requestedBy: string
  expiresAt: Date
  shard: number
  head: Buffer
}

/** Milliseconds after which nobody decides on a held payment any more. */
export const REVIEW_LIFETIME = 3 * 86_400_000

export const newReview = (principal: Principal, id: string, now: Date): NewReview => ({
  id,
  requestedBy: actorOf(principal),
  expiresAt: new Date(now.getTime() + REVIEW_LIFETIME),
  shard: shardOf(id),
  head: emptyTrail.audit_head,
})
