import { transaction } from '../../../db/transaction.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { actorOf, type KeyPrincipal, type UserPrincipal } from '../principal.ts'
import { ruleOf } from './actions.ts'
import { closeApproval } from './close-approval.ts'
import { isAskedByKeyOf, isOneOf } from './standing.ts'

/**
 * Approves what somebody else asked for, and does it in the same commit. Repeating one's own approval answers with it.
 *
 * An action that can no longer be done is not approved: the approval stays open, to be approved when that has changed, rejected,
 * or left to expire.
 *
 * @throws NOT_FOUND, APPROVAL_CLOSED (details: `state`), NEEDS_ANOTHER_PERSON, FORBIDDEN, REQUEST_VOID, and what the action throws
 */
export async function approve(
  services: Services,
  principal: UserPrincipal | KeyPrincipal,
  input: { approvalId: string; note: string | null },
): Promise<Approval> {
  const isAskedByOwnKey = await isAskedByKeyOf(services.db, actorOf(principal), input.approvalId)
  const approved = await transaction(
    services.db,
    async (trx) => {
      const { approval, appId, isNew } = await closeApproval(trx, services.clock, principal, {
        to: 'approved',
        isAskedByOwnKey,
        ...input,
      })
      if (!isNew) return { approval, appId }
      const { id, action, requestedBy } = approval
      const rule = ruleOf(action)
      if (!(await isOneOf(trx, rule.requestedBy, { actor: requestedBy, appId }, services.clock.now())))
        throw new DomainError(
          'REQUEST_VOID',
          'Whoever asked for this may no longer ask for it: their role or their key was taken back since. Reject it; if it is still wanted, somebody else may ask for it.',
        )
      await rule.perform(trx, services, principal, { approvalId: id, appId, action })
      return { approval, appId }
    },
    { idempotent: true },
  )
  const { approval, appId } = approved
  ruleOf(approval.action).afterwards?.(services, { approvalId: approval.id, appId, action: approval.action })
  return approval
}
