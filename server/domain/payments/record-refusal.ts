import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { commitmentOf, subjectOf } from '../compliance/decide.ts'
import type { AppPrincipal } from '../principal.ts'
import type { Offer } from './offer.ts'

/** Keeps a decision against a payment, with its audit leaf and event. Nothing is queued. */
export async function recordRefusal(
  services: Services,
  principal: AppPrincipal,
  decisionId: string,
  { paywall, wallet, recipient, amount, question, decision }: Offer,
): Promise<void> {
  const now = services.clock.now()
  const step = nextStep(emptyTrail, {
    object: { type: 'decision', id: decisionId, appId: principal.appId },
    principal,
    type: 'decision.refused',
    at: now,
    data: {
      action: 'payment',
      amount: String(amount),
      checks: decision.checks,
      listVersion: String(decision.rulesVersion),
      payer: wallet.address,
      paywall: paywall.id,
      policyVersion: decision.policy.version,
      recipient,
      wallet: wallet.id,
    },
  })
  await transaction(
    services.db,
    async (trx) => {
      const inserted = await trx
        .insertInto('decision')
        .values({
          id: decisionId,
          app_id: principal.appId,
          action: 'payment',
          outcome: decision.outcome,
          subject: JSON.stringify(subjectOf(question)),
          checks: JSON.stringify(decision.checks),
          list_version: decision.rulesVersion,
          policy_id: decision.policy.id,
          policy_number: decision.policy.version,
          commitment: commitmentOf(question),
          created_at: now,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (inserted) await append(trx, step)
    },
    { idempotent: true },
  )
}
