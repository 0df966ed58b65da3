import * as z from 'zod'
import { archivePaywall, updatePaywall } from '../domain/paywalls/change-paywall.ts'
import { createPaywall } from '../domain/paywalls/create-paywall.ts'
import { getPaywall } from '../domain/paywalls/get-paywall.ts'
import { listPaywalls } from '../domain/paywalls/list-paywalls.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const one = z.object({ paywallId: common.id })

export const paywalls = {
  /** Opens a paywall: a resource with a price, an asset, a recipient and an access period. */
  create: procedure({ for: ['merchant', 'service'], scope: 'paywalls:write', limit: 'write' })
    .input(
      z.object({
        title: common.title,
        assetId: common.id,
        price: common.amountInput,
        recipient: common.addressInput,
        accessSeconds: common.secondsInput.nullable().default(null),
        expiresAt: common.momentInput.nullable().default(null),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.createdPaywall)
    .mutation(({ ctx, input }) => createPaywall(ctx.services, ctx.principal, input)),

  /** Changes an open paywall. Payments accepted before keep what they were accepted for. */
  update: procedure({ for: ['merchant', 'operator', 'service'], scope: 'paywalls:write', limit: 'write' })
    .input(
      one.extend({
        title: common.title.optional(),
        price: common.amountInput.optional(),
        recipient: common.addressInput.optional(),
        accessSeconds: common.secondsInput.nullable().optional(),
        expiresAt: common.momentInput.nullable().optional(),
      }),
    )
    .output(schema.paywall)
    .mutation(({ ctx, input }) => updatePaywall(ctx.services, ctx.principal, input)),

  /** Closes a paywall for good: no further payment is accepted. Access bought before stays. */
  archive: procedure({ for: ['merchant', 'operator', 'service'], scope: 'paywalls:write', limit: 'write' })
    .input(one)
    .output(schema.paywall)
    .mutation(({ ctx, input }) => archivePaywall(ctx.services, ctx.principal, input)),

  /** Returns one paywall by its id. */
  get: procedure({ for: ['user', 'service'], scope: 'paywalls:read', limit: 'read' })
    .input(one)
    .output(schema.paywall)
    .query(({ ctx, input }) => getPaywall(ctx.services, ctx.principal, input)),

  /** Lists the app's paywalls, newest first. */
  list: procedure({ for: ['user', 'service'], scope: 'paywalls:read', limit: 'read' })
    .input(common.pageRequest.extend({ state: z.enum(['open', 'archived']).optional() }))
    .output(common.pageOf(schema.paywall))
    .query(({ ctx, input }) => listPaywalls(ctx.services, ctx.principal, input)),
}
