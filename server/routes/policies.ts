import * as z from 'zod'
import { requestApproval } from '../domain/approvals/request-approval.ts'
import { draftPolicy } from '../domain/policies/draft-policy.ts'
import { getPolicy } from '../domain/policies/get-policy.ts'
import { listPolicies } from '../domain/policies/list-policies.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { draftedPolicy, policy, rulesInput } from '../schemas/policies.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'policies:read', limit: 'read' } as const
const write = { for: ['officer', 'service'], scope: 'policies:write', limit: 'write' } as const

const one = z.object({ policyId: common.id })

export const policies = {
  /** Writes the next version of the app's policy, as a draft: what every movement of value is to satisfy. */
  draft: procedure(write)
    .input(z.object({ rules: rulesInput, idempotencyKey: common.idempotencyKey }))
    .output(draftedPolicy)
    .mutation(({ ctx, input }) => draftPolicy(ctx.services, ctx.principal, input)),

  /** Asks that a draft be put in force. It is once somebody else has approved it, with `approvals.approve`. */
  publish: procedure(write)
    .input(one.extend({ reason: common.reason, idempotencyKey: common.idempotencyKey }))
    .output(schema.requestedApproval)
    .mutation(({ ctx, input: { policyId, ...input } }) =>
      requestApproval(
        ctx.services,
        ctx.principal,
        { ...input, appId: ctx.principal.appId, action: { type: 'policy.publish', policyId } },
        'policies.publish',
      ),
    ),

  /** Returns one version of the policy by its id. */
  get: procedure(read)
    .input(one)
    .output(policy)
    .query(({ ctx, input }) => getPolicy(ctx.services, ctx.principal, input)),

  /** Lists the versions of the policy, newest first; `published` is the one in force. */
  list: procedure(read)
    .input(common.pageRequest.extend({ state: z.enum(['draft', 'published', 'retired']).optional() }))
    .output(common.pageOf(policy))
    .query(({ ctx, input }) => listPolicies(ctx.services, ctx.principal, input)),
}
