import * as z from 'zod'
import { checkAccess } from '../domain/access/check-access.ts'
import { listAccess } from '../domain/access/list-access.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

export const access = {
  /** Whether a wallet may open a paywall now, and until when. */
  check: procedure({ for: ['user', 'service'], scope: 'access:read', limit: 'read' })
    .input(z.object({ paywallId: common.id, walletId: common.id }))
    .output(schema.accessCheck)
    .query(({ ctx, input }) => checkAccess(ctx.services, ctx.principal, input)),

  /** Lists what was bought, newest first. */
  list: procedure({ for: ['user', 'service'], scope: 'access:read', limit: 'read' })
    .input(common.pageRequest.extend({ walletId: common.id.optional(), paywallId: common.id.optional() }))
    .output(common.pageOf(schema.access))
    .query(({ ctx, input }) => listAccess(ctx.services, ctx.principal, input)),
}
