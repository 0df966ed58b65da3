import type { TransactionRow } from '../../../db/schema.ts'
import { transaction as commit } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { refusalOf } from '../compliance/refusal.ts'
import { DomainError } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { askEverybody } from '../transactions/ask-compliance.ts'
import { keepDecision, refuse } from '../transactions/refuse.ts'

/**
 * Asks everybody again before a payer is let sign, or what they have signed unasked is followed. A payment of which nothing was handed out is
 * refused for good, unless whoever attests was silent. Answers with the version of the rules that let it pass; null if the payment or
 * the rules changed meanwhile: read it again.
 *
 * @throws REFUSED_BY_COMPLIANCE
 */
export async function askBeforeSigning(
  services: Services,
  principal: UserPrincipal,
  transaction: TransactionRow,
): Promise<{ rulesVersion: bigint } | null> {
  const { objection, rulesVersion } = await askEverybody(services, transaction)
  if (!objection) return { rulesVersion }
  if (transaction.state === 'queued' && !objection.isSilence) {
    if (!(await refuse(services, transaction, objection, principal))) return null
  } else {
    // it may be signed already, or may pass in a moment: only that it was asked is kept
    await commit(services.db, (trx) => keepDecision(trx, transaction, objection, principal, services.clock.now()), {
      idempotent: true,
    })
  }
  throw new DomainError('REFUSED_BY_COMPLIANCE', objection.check.message, refusalOf(objection.decision))
}
