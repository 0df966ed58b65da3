import { transaction } from '../../../db/transaction.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { actorOf, type KeyPrincipal, type UserPrincipal } from '../principal.ts'
import { ruleOf } from './actions.ts'
import { closeApproval } from './close-approval.ts'
import { isAskedByKeyOf } from './standing.ts'

/**
 * Refuses what somebody else asked for; nothing of it is done. Repeating one's own refusal answers with it. Whoever asked does not
 * take it back: they leave it to somebody else, or to expire.
 *
 * @throws NOT_FOUND, APPROVAL_CLOSED (details: `state`), NEEDS_ANOTHER_PERSON, FORBIDDEN
 */
export async function reject(
  services: Services,
  principal: UserPrincipal | KeyPrincipal,
  input: { approvalId: string; note: string },
): Promise<Approval> {
  const isAskedByOwnKey = await isAskedByKeyOf(services.db, actorOf(principal), input.approvalId)
  return transaction(
    services.db,
    async (trx) => {
      const { approval, appId, isNew } = await closeApproval(trx, services.clock, principal, {
        to: 'rejected',
        isAskedByOwnKey,
        ...input,
      })
      const { id, action } = approval
      if (isNew) await ruleOf(action).drop?.(trx, services, principal, { approvalId: id, appId, action })
      return approval
    },
    { idempotent: true },
  )
}
