import { randomUUID } from 'node:crypto'
import type { Address, Payment } from '../../contract/entities.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { emptyTrail, nextStep } from '../audit/trail.ts'
import { commitmentOf, subjectOf } from '../compliance/decide.ts'
import type { Intention } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { newReview } from '../reviews/new-review.ts'
import { shardOf } from '../shard.ts'
import { callRecords, withReference } from '../transactions/calls.ts'
import { chainName } from '../wire.ts'
import type { TakenAuthorization } from '../x402/taken-authorization.ts'
import type { Offer } from './offer.ts'
import { transferCalls } from './transfer-calls.ts'

/** A payment about to be accepted, with the ids of all that is made with it. */
export interface NewAcceptance {
  id: string
  transactionId: string
  decisionId: string
  intention: Intention
  offer: Offer
  /** Where the payer has authorized the transfer, and one of our keys brings it to the chain. */
  order?: Order
}

/** A transfer that a key of ours sends. */
export interface Order {
  sender: Address
  call: Call
  authorization: TakenAuthorization
}

/**
 * Accepts a payment, or holds it for a review: all that is written of it is written in one commit. Writes nothing and answers null if
 * the paywall or the rules are no longer what the offer was made on, if a limit leaves no room for it any more, or if the key was used
 * meanwhile: read the offer again.
 */
export async function acceptPayment(
  services: Services,
  principal: Principal,
  { id, transactionId, decisionId, intention, offer, order }: NewAcceptance,
): Promise<Payment | null> {
  const now = services.clock.now()
  const { paywall, wallet, asset, recipient, amount, question, decision, meters } = offer
  const isHeld = decision.outcome === 'review'
  const appId = intention.app_id
  const calls = order
    ? [{ ...order.call, data: withReference(order.call.data, transactionId) }]
    : transferCalls(transactionId, asset.address, recipient, amount)
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
    object: { type: 'payment', id, appId },
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
      ...(order && { authorization: order.authorization.nonce }),
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
    provider: order ? 'local' : wallet.isExternal ? 'external' : services.provider.name,
    sender: order?.sender ?? wallet.address,
    due: wallet.isExternal && !order ? new Date(now.getTime() + services.patience.signing) : now,
    calls: callRecords(calls),
    shard: shardOf(transactionId),
    audit,
    facts: String(event.data),
    review: isHeld ? newReview(principal, { id: randomUUID(), appId, paymentId: id, decisionId }, now) : null,
    authorization: order?.authorization ?? null,
  })
  return accepted ? payment : null
}
