import * as z from 'zod'
import { approve } from '../domain/approvals/approve.ts'
import { getApproval } from '../domain/approvals/get-approval.ts'
import { listApprovals } from '../domain/approvals/list-approvals.ts'
import { reject } from '../domain/approvals/reject.ts'
import { appOfCall } from '../domain/apps/app-of-call.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'platform'], scope: 'approvals:read', limit: 'read' } as const
const write = { for: ['officer', 'operator', 'platform'], scope: 'approvals:write', limit: 'write' } as const

const one = z.object({ approvalId: common.id })

export const approvals = {
  /** Returns one approval by its id. */
  get: procedure(read)
    .input(one)
    .output(schema.approval)
    .query(({ ctx, input }) => getApproval(ctx.services, ctx.principal, input)),

  /** Lists the approvals of an app, newest first. Those that wait for somebody's word are in the state `requested`. */
  list: procedure(read)
    .input(common.pageRequest.extend({ appId: common.id.optional(), state: schema.approvalState.optional() }))
    .output(common.pageOf(schema.approval))
    .query(({ ctx, input }) => listApprovals(ctx.services, { ...input, appId: appOfCall(ctx.principal, input.appId) })),

  /** Approves what somebody else asked for within the last 24 hours, and does it in the same moment. */
  approve: procedure(write)
    .input(one.extend({ note: common.reason.nullable().default(null) }))
    .output(schema.approval)
    .mutation(({ ctx, input }) => approve(ctx.services, ctx.principal, input)),

  /** Refuses what somebody else asked for, and says why. Nothing of it is done. */
  reject: procedure(write)
    .input(one.extend({ note: common.reason }))
    .output(schema.approval)
    .mutation(({ ctx, input }) => reject(ctx.services, ctx.principal, input)),
}
