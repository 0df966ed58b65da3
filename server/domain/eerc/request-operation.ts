import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { AcceptedOperation } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import { type NewDecision, refusedByCompliance, storeRefusal } from '../compliance/refusal.ts'
import { DomainError } from '../domain-error.ts'
import { earlier, intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { type Considered, considerWish, type Wish } from './consider-wish.ts'
import { getOperation } from './get-operation.ts'
import { RulesMoved, writeOperation } from './write-operation.ts'

/** A wish, the reason for it, and the key of the intention. */
export type NewOperation = Wish & { reason: string | null; idempotencyKey: string }

/** How often the rules may change under an operation before the caller is told to try again. */
const TRIES = 5

/**
 * Accepts an operation on a token: what the policy, the chain and the token say is decided on, recorded and queued in one commit. What
 * needs a second person is `held` until somebody else has approved it. Before it is submitted everybody is asked again.
 *
 * The same `idempotencyKey` returns the first operation with `replayed: true`.
 *
 * @throws NOT_FOUND, OPERATION_NOT_SUPPORTED_BY_TOKEN, CHAIN_NOT_SUPPORTED, REFUSED_BY_COMPLIANCE (details: the checks that failed and their
 *   remedy), IDEMPOTENCY_MISMATCH, FORBIDDEN, CHAIN_UNAVAILABLE
 */
export async function requestOperation(
  services: Services,
  principal: AppPrincipal,
  input: NewOperation,
): Promise<AcceptedOperation> {
  const intention = intentionOf(principal, `eerc.${input.action.type}`, { ...input })
  const [transactionId, decisionId] = [randomUUID(), randomUUID()]
  for (let tries = 0; tries < TRIES; tries++) {
    const known = await earlier(services.db, intention)
    if (known) return { ...(await getOperation(services, principal, { operationId: known })), replayed: true }

    const considered = await considerWish(services, principal, input)
    if (considered.answer.outcome === 'deny') throw await refused(services, principal, decisionId, considered)
    const made = { transactionId, decisionId, reason: input.reason, considered }
    try {
      const { id, replayed } = await once(services, intention, (trx, operationId) =>
        writeOperation(trx, services, principal, { ...made, id: operationId }),
      )
      const operation = await getOperation(services, principal, { operationId: id })
      if (operation.state === 'accepted') services.nudge.transaction(operation.transactionId)
      return { ...operation, replayed }
    } catch (error) {
      if (!(error instanceof RulesMoved)) throw error
    }
  }
  throw new DomainError('CONFLICT', 'The compliance rules kept changing. Try again with the same idempotency key.')
}

/** Keeps a decision against an operation. Nothing is queued. */
async function refused(
  services: Services,
  principal: AppPrincipal,
  id: string,
  { question, answer, rulesVersion, policy, token }: Considered,
): Promise<DomainError> {
  const decision: NewDecision = { id, appId: principal.appId, question, answer, rulesVersion, policy }
  await transaction(
    services.db,
    (trx) => storeRefusal(trx, principal, decision, { about: { token: token.id }, at: services.clock.now() }),
    { idempotent: true },
  )
  return refusedByCompliance(decision)
}
