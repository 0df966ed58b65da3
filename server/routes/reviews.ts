import * as z from 'zod'
import { assignReview } from '../domain/reviews/assign-review.ts'
import { decideReview } from '../domain/reviews/decide-review.ts'
import { getReview } from '../domain/reviews/get-review.ts'
import { listReviews } from '../domain/reviews/list-reviews.ts'
import * as common from '../schemas/common.ts'
import { review, reviewState } from '../schemas/policies.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'reviews:read', limit: 'read' } as const
const write = { for: ['officer'], scope: 'reviews:write', limit: 'write' } as const

const one = z.object({ reviewId: common.id })

export const reviews = {
  /** Returns one review by its id. */
  get: procedure(read)
    .input(one)
    .output(review)
    .query(({ ctx, input }) => getReview(ctx.services, ctx.principal, input)),

  /** Lists reviews, newest first: all, those in one state, or (`mine`) those that you look at. */
  list: procedure(read)
    .input(common.pageRequest.extend({ state: reviewState.optional(), mine: z.boolean().default(false) }))
    .output(common.pageOf(review))
    .query(({ ctx, input }) => listReviews(ctx.services, ctx.principal, input)),

  /** Takes a review on yourself, with a note for others; or, with `take` false, gives it back. */
  assign: procedure(write)
    .input(one.extend({ take: z.boolean().default(true), note: common.reason.optional() }))
    .output(review)
    .mutation(({ ctx, input }) => assignReview(ctx.services, ctx.principal, input)),

  /** Decides on a held payment: approved, it goes its way; denied, it is refused. Not for whoever asked for the payment. */
  decide: procedure(write)
    .input(one.extend({ verdict: z.enum(['approved', 'denied']), note: common.reason }))
    .output(review)
    .mutation(({ ctx, input }) => decideReview(ctx.services, ctx.principal, input)),
}
