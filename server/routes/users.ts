import * as z from 'zod'
import { appOfCall } from '../domain/apps/app-of-call.ts'
import { getUser } from '../domain/users/get-user.ts'
import { listUsers } from '../domain/users/list-users.ts'
import { requestRoleChange } from '../domain/users/request-role-change.ts'
import { signUserOut } from '../domain/users/sign-user-out.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const read = {
  for: ['officer', 'auditor', 'operator', 'service', 'platform'],
  scope: 'users:read',
  limit: 'read',
} as const
const write = { for: ['operator', 'platform'], scope: 'users:write', limit: 'write' } as const

const one = z.object({ appId: common.id.optional(), userId: common.id })
const change = one.extend({ role: common.grantedRole, reason: common.reason, idempotencyKey: common.idempotencyKey })

export const users = {
  /** Lists the people of an app, newest first: all, those with a role, or whose wallet an address is. */
  list: procedure(read)
    .input(
      common.pageRequest.extend({
        appId: common.id.optional(),
        address: common.addressInput.optional(),
        role: common.grantedRole.optional(),
      }),
    )
    .output(common.pageOf(schema.user))
    .query(({ ctx, input }) => listUsers(ctx.services, { ...input, appId: appOfCall(ctx.principal, input.appId) })),

  /** Returns one person of an app by their id. */
  get: procedure(read)
    .input(one)
    .output(schema.user)
    .query(({ ctx, input }) => getUser(ctx.services, { ...input, appId: appOfCall(ctx.principal, input.appId) })),

  /** Ends every session of a person at once, when a device of theirs is lost. They may sign in again. */
  signOut: procedure(write)
    .input(one)
    .output(z.object({ ended: z.int() }))
    .mutation(({ ctx, input }) =>
      signUserOut(ctx.services, ctx.principal, { ...input, appId: appOfCall(ctx.principal, input.appId) }),
    ),

  /** Asks that a person get a role. They have it once somebody else has approved it, with `approvals.approve`. */
  grantRole: procedure(write)
    .input(change)
    .output(schema.requestedApproval)
    .mutation(({ ctx, input }) =>
      requestRoleChange(ctx.services, ctx.principal, {
        ...input,
        type: 'role.grant',
        appId: appOfCall(ctx.principal, input.appId),
      }),
    ),

  /** Asks that a person lose a role. They have it until somebody else has approved it, with `approvals.approve`. */
  revokeRole: procedure(write)
    .input(change)
    .output(schema.requestedApproval)
    .mutation(({ ctx, input }) =>
      requestRoleChange(ctx.services, ctx.principal, {
        ...input,
        type: 'role.revoke',
        appId: appOfCall(ctx.principal, input.appId),
      }),
    ),
}
