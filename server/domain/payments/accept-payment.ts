import { randomUUID } from 'node:crypto'
import type { Payment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { emptyTrail, nextStep } from '../audit/trail.ts'
import { commitmentOf, subjectOf } from '../compliance/decide.ts'
import type { Intention } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { newReview } from '../reviews/new-review.ts'
import { shardOf } from '../shard.ts'
import { callRecords } from '../transactions/calls.ts'
import { chainName } from '../wire.ts'
import type { Offer } from './offer.ts'
import { transferCalls } from './transfer-calls.ts'

/** A payment about to be accepted, with the ids of all that is made with it. */
export interface NewAcceptance {
  id: string
  transactionId: string
  decisionId: string
  intention: Intention
  offer: Offer
}

/**
 * Accepts a payment, or holds it for a review: all that is written of it is written in one commit. Writes nothing and answers null if
 * the paywall or the rules are no longer what the offer was made on, if a limit leaves no room for it any more, or if the key was used
 * meanwhile: read the offer again.
 */
export async function acceptPayment(
  services: Services,
  principal: AppPrincipal,
  { id, transactionId, decisionId, intention, offer }: NewAcceptance,
): Promise<Payment | null> {
  const now = services.clock.now()
  const { paywall, wallet, asset, recipient, amount, question, decision, meters } = offer
  const isHeld = decision.outcome === 'review'
  const calls = transferCalls(transactionId, asset.address, recipient, amount)
  const payment: Payment = {
    id,
    paywallId: paywall.id,
    walletId: wallet.id,
    assetId: asset.id,
    chain: chainName(asset.chainId),
    payer: wallet.address,
    recipient,
    amount,
    state: isHeld ? 'held' : 'accepted',
    decisionId,
    transactionId,
    transactionHash: null,
    blockNumber: null,
    failure: null,
    settledAt: null,
    createdAt: now,
    updatedAt: now,
  }
  const { audit, event } = nextStep(emptyTrail, {
    object: { type: 'payment', id, appId: principal.appId },
    principal,
    type: `payment.${payment.state}`,
    at: now,
    data: {
      amount: String(amount),
      asset: asset.id,
      chain: payment.chain,
      decision: decisionId,
      listVersion: String(decision.rulesVersion),
      policyVersion: decision.policy.version,
      payer: wallet.address,
      paywall: paywall.id,
      recipient,
      state: payment.state,
      transaction: transactionId,
      wallet: wallet.id,
    },
    snapshot: payment,
  })

  const accepted = await services.writeAcceptance({
    id,
    transactionId,
    decisionId,
    intention,
    now,
    paywall,
    rulesVersion: decision.rulesVersion,
    meters,
    walletId: wallet.id,
    payer: wallet.address,
    recipient,
    assetId: asset.id,
    chainId: asset.chainId,
    amount,
    decision: {
      outcome: decision.outcome,
      subject: JSON.stringify(subjectOf(question)),
      checks: JSON.stringify(decision.checks),
      policyId: decision.policy.id,
      policyNumber: decision.policy.version,
      commitment: commitmentOf(question),
      at: question.at,
    },
    provider: wallet.isExternal ? 'external' : services.provider.name,
    due: wallet.isExternal ? new Date(now.getTime() + services.patience.signing) : now,
    calls: callRecords(calls),
    shard: shardOf(transactionId),
    audit,
    facts: String(event.data),
    review: isHeld
      ? newReview(principal, { id: randomUUID(), appId: principal.appId, paymentId: id, decisionId }, now)
      : null,
  })
  return accepted ? payment : null
}
