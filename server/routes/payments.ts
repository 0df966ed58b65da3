import * as z from 'zod'
import { cancelPayment } from '../domain/payments/cancel-payment.ts'
import { createPayment } from '../domain/payments/create-payment.ts'
import { getPayment } from '../domain/payments/get-payment.ts'
import { handOutCalls } from '../domain/payments/hand-out-calls.ts'
import { listPayments } from '../domain/payments/list-payments.ts'
import { quotePayment } from '../domain/payments/quote-payment.ts'
import { reportSubmitted } from '../domain/payments/report-submitted.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const purchase = z.object({ paywallId: common.id, walletId: common.id })
const one = z.object({ paymentId: common.id })

export const payments = {
  /** Tells what `create` would answer now, with the same compliance checks. Changes nothing. */
  quote: procedure({ for: ['user', 'service'], scope: 'payments:read', limit: 'read' })
    .input(purchase)
    .output(schema.quote)
    .query(({ ctx, input }) => quotePayment(ctx.services, ctx.principal, input)),

  /**
   * Pays a paywall from a custodial wallet, or accepts its payment from a wallet of the caller's own, which they sign: see `calls`.
   * Answered means: it will settle once, or you will be told why not.
   */
  create: procedure({ for: ['user', 'service'], scope: 'payments:write', limit: 'money' })
    .input(purchase.extend({ idempotencyKey: common.idempotencyKey }))
    .output(schema.acceptedPayment)
    .mutation(({ ctx, input }) => createPayment(ctx.services, ctx.principal, input)),

  /** Returns one payment by its id. */
  get: procedure({ for: ['user', 'service'], scope: 'payments:read', limit: 'read' })
    .input(one)
    .output(schema.payment)
    .query(({ ctx, input }) => getPayment(ctx.services, ctx.principal, input)),

  /** Lists the app's payments, newest first. */
  list: procedure({ for: ['user', 'service'], scope: 'payments:read', limit: 'read' })
    .input(
      common.pageRequest.extend({
        walletId: common.id.optional(),
        paywallId: common.id.optional(),
        state: schema.paymentState.optional(),
      }),
    )
    .output(common.pageOf(schema.payment))
    .query(({ ctx, input }) => listPayments(ctx.services, ctx.principal, input)),

  /** Hands out the calls that pay, to be signed in the payer's own wallet. Asked again, it answers the same, as long as the chain shows no payment by them. */
  calls: procedure({ for: ['user'], scope: 'payments:write', limit: 'money' })
    .input(one)
    .output(schema.walletCalls)
    .mutation(({ ctx, input }) => handOutCalls(ctx.services, ctx.principal, input)),

  /** Takes the hash of the chain transaction that the payer's own wallet has sent. Only its logs settle the payment. */
  submitted: procedure({ for: ['user'], scope: 'payments:write', limit: 'money' })
    .input(one.extend({ hash: common.transactionHash }))
    .output(schema.payment)
    .mutation(({ ctx, input }) => reportSubmitted(ctx.services, ctx.principal, input)),

  /** Takes a payment back of which nothing was handed to a wallet yet. */
  cancel: procedure({ for: ['user', 'service'], scope: 'payments:write', limit: 'write' })
    .input(one)
    .output(schema.payment)
    .mutation(({ ctx, input }) => cancelPayment(ctx.services, ctx.principal, input)),
}
