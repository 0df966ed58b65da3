import * as z from 'zod'
import { createPurchase } from '../domain/purchases/create-purchase.ts'
import { getPurchase } from '../domain/purchases/get-purchase.ts'
import { listPurchases } from '../domain/purchases/list-purchases.ts'
import { listTerms } from '../domain/purchases/list-terms.ts'
import { quotePurchase } from '../domain/purchases/quote-purchase.ts'
import { setTerms } from '../domain/purchases/set-terms.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/purchases.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'purchases:read', limit: 'read' } as const

export const purchases = {
  /** Tells what a call of a paid API costs now, and what the app's terms say to that. The API is called, without a payment. */
  quote: procedure({ for: ['operator', 'service'], scope: 'purchases:read', limit: 'money' })
    .input(schema.apiCall.extend({ maxPrice: common.amountInput.optional() }))
    .output(schema.purchaseQuote)
    .mutation(({ ctx, input }) => quotePurchase(ctx.services, ctx.principal, input)),

  /** Calls a paid API and pays for it, within the app's terms. Once, whatever happens: the same key never pays again. */
  create: procedure({ for: ['operator', 'service'], scope: 'purchases:write', limit: 'money' })
    .input(schema.apiCall.extend({ maxPrice: common.amountInput, idempotencyKey: common.idempotencyKey }))
    .output(schema.createdPurchase)
    .mutation(({ ctx, input }) => createPurchase(ctx.services, ctx.principal, input)),

  /** Returns one purchase by its id, with what was answered. */
  get: procedure(read)
    .input(z.object({ purchaseId: common.id }))
    .output(schema.boughtPurchase)
    .query(({ ctx, input }) => getPurchase(ctx.services, ctx.principal, input)),

  /** Lists the app's purchases, newest first. */
  list: procedure(read)
    .input(common.pageRequest.extend({ state: schema.purchaseState.optional() }))
    .output(common.pageOf(schema.purchase))
    .query(({ ctx, input }) => listPurchases(ctx.services, ctx.principal, input)),

  /** Sets what the app may buy, and for how much. What allows more than before is in force once somebody else has approved it. */
  setPolicy: procedure({ for: ['operator'], scope: 'policies:write', limit: 'write' })
    .input(z.object({ terms: schema.termsInput, reason: common.reason, idempotencyKey: common.idempotencyKey }))
    .output(schema.setBuyingPolicy)
    .mutation(({ ctx, input }) => setTerms(ctx.services, ctx.principal, input)),

  /** Lists the versions of what the app may buy, newest first; `published` is the one in force. */
  policies: procedure(read)
    .input(common.pageRequest.extend({ state: z.enum(['draft', 'published', 'retired']).optional() }))
    .output(common.pageOf(schema.buyingPolicy))
    .query(({ ctx, input }) => listTerms(ctx.services, ctx.principal, input)),
}
