import * as z from 'zod'
import { requestApproval } from '../domain/approvals/request-approval.ts'
import { listHolds } from '../domain/holds/list-holds.ts'
import { placeHold } from '../domain/holds/place-hold.ts'
import * as common from '../schemas/common.ts'
import { requestedApproval } from '../schemas/entities.ts'
import * as schema from '../schemas/reports.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'holds:read', limit: 'read' } as const
const write = { for: ['officer', 'operator'], scope: 'holds:write', limit: 'write' } as const

export const holds = {
  /** Places a legal hold: of what it is on, nothing is deleted while it stands, however old. */
  place: procedure(write)
    .input(
      z.object({
        objectType: schema.heldObject,
        objectId: common.id,
        reason: common.reason,
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.placedHold)
    .mutation(({ ctx, input }) => placeHold(ctx.services, ctx.principal, input)),

  /** Asks that a hold end. It does once somebody else has approved it, with `approvals.approve`. */
  release: procedure(write)
    .input(z.object({ holdId: common.id, reason: common.reason, idempotencyKey: common.idempotencyKey }))
    .output(requestedApproval)
    .mutation(({ ctx, input: { holdId, ...input } }) =>
      requestApproval(
        ctx.services,
        ctx.principal,
        { ...input, appId: ctx.principal.appId, action: { type: 'hold.release', holdId } },
        'holds.release',
      ),
    ),

  /** Lists holds, newest first: all, or with `standing` those that stand. */
  list: procedure(read)
    .input(common.pageRequest.extend({ standing: z.boolean().default(false) }))
    .output(common.pageOf(schema.hold))
    .query(({ ctx, input }) => listHolds(ctx.services, ctx.principal, input)),
}
