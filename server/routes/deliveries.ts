import * as z from 'zod'
import { getDelivery } from '../domain/deliveries/get-delivery.ts'
import { listDeliveries } from '../domain/deliveries/list-deliveries.ts'
import { resendDeliveries } from '../domain/deliveries/resend-deliveries.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/endpoints.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['operator', 'auditor', 'service', 'platform'], scope: 'webhooks:read', limit: 'read' } as const

export const deliveries = {
  /** Lists what went and is to go to an endpoint, or what was told of an object, newest first. */
  list: procedure(read)
    .input(
      common.pageRequest.extend({
        endpointId: common.id.optional(),
        state: schema.deliveryState.optional(),
        objectId: common.id.optional(),
      }),
    )
    .output(common.pageOf(schema.delivery))
    .query(({ ctx, input }) => listDeliveries(ctx.services, ctx.principal, input)),

  /** A delivery with what is sent, and every try with its answer. */
  get: procedure(read)
    .input(z.object({ deliveryId: common.id }))
    .output(schema.deliveryLog)
    .query(({ ctx, input }) => getDelivery(ctx.services, ctx.principal, input)),

  /**
   * Sends again, under the same id and with the same body: one delivery, those of an object, or those to an endpoint; of these, those
   * of a time, or all that failed.
   */
  resend: procedure({ for: ['operator', 'service', 'platform'], scope: 'webhooks:write', limit: 'write' })
    .input(
      z.object({
        deliveryId: common.id.optional(),
        objectId: common.id.optional(),
        endpointId: common.id.optional(),
        from: common.momentInput.optional(),
        to: common.momentInput.optional(),
        state: z.enum(['delivered', 'failed']).optional(),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.resent)
    .mutation(({ ctx, input }) => resendDeliveries(ctx.services, ctx.principal, input)),
}
