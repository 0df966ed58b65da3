import * as z from 'zod'
import { checkCompliance } from '../domain/compliance/check.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

export const compliance = {
  /** Tells what compliance would say to a movement of value now, with every check and what would satisfy it. Changes nothing. */
  check: procedure({ for: ['user', 'service'], scope: 'payments:read', limit: 'read' })
    .input(
      z.object({
        walletId: common.id,
        recipient: common.addressInput,
        assetId: common.id,
        amount: common.amountInput,
      }),
    )
    .output(schema.compliance)
    .query(({ ctx, input }) => checkCompliance(ctx.services, ctx.principal, input)),
}
