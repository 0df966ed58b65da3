import type { Approval, RoleChange } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import type { KeyPrincipal, UserPrincipal } from '../principal.ts'

/** A role that somebody wants a user to get or to lose, and why. */
export interface RoleChangeRequest extends RoleChange {
  appId: string
  reason: string
  idempotencyKey: string
}

/**
 * Asks for a change of a user's roles. Nothing changes until somebody else approves it.
 *
 * @throws NOT_FOUND, FORBIDDEN, NOTHING_TO_CHANGE, LAST_OPERATOR, IDEMPOTENCY_MISMATCH
 */
export const requestRoleChange = (
  services: Services,
  principal: UserPrincipal | KeyPrincipal,
  { type, userId, role, ...request }: RoleChangeRequest,
): Promise<Approval & { replayed: boolean }> =>
  requestApproval(
    services,
    principal,
    { ...request, action: { type, userId, role } },
    type === 'role.grant' ? 'users.grantRole' : 'users.revokeRole',
  )
