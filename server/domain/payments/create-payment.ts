import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { AcceptedPayment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type NewDecision, refusedByCompliance, storeRefusal } from '../compliance/refusal.ts'
import { DomainError } from '../domain-error.ts'
import { intentionOf } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { acceptPayment } from './accept-payment.ts'
import { getPayment } from './get-payment.ts'
import { type Offer, readOfferOnce } from './offer.ts'
import { requireBalance } from './require-balance.ts'

/** A purchase to be made. */
export interface NewPayment {
  paywallId: string
  walletId: string
  idempotencyKey: string
}

/** How often what was checked may change under a payment before the caller is told to try again. */
const TRIES = 5

/**
 * Accepts a payment for an open paywall: decides, records and queues it in one commit. Answered means: it will settle once, or
 * you will be told why not. One that compliance wants to have reviewed is `held` until an officer has decided.
 *
 * From a wallet of the caller's own it is accepted only: they sign it, see `payments.calls`.
 *
 * The amount is the paywall's price, in base units of its asset. The same `idempotencyKey` returns the first payment with
 * `replayed: true`.
 *
 * @throws NOT_FOUND, PAYWALL_CLOSED, CHAIN_NOT_SUPPORTED, INSUFFICIENT_BALANCE, REFUSED_BY_COMPLIANCE (details: the checks that
 *   failed and their remedy), IDEMPOTENCY_MISMATCH, CHAIN_UNAVAILABLE
 */
export async function createPayment(
  services: Services,
  principal: AppPrincipal,
  input: NewPayment,
): Promise<AcceptedPayment> {
  const intention = intentionOf(principal, 'payments.create', { ...input })
  const [id, transactionId, decisionId] = [randomUUID(), randomUUID(), randomUUID()]
  for (let tries = 0; tries < TRIES; tries++) {
    const offer = await readOfferOnce(services, principal, input, intention)
    if ('earlier' in offer) {
      const payment = await getPayment(services, principal, { paymentId: offer.earlier })
      // an acceptance whose answer was lost was repeated, and met itself: that is not a replay
      return { ...payment, replayed: payment.id !== id }
    }
    if (!offer.paywall.open)
      throw new DomainError(
        'PAYWALL_CLOSED',
        'This paywall is archived or has expired. Ask its merchant for an open one.',
      )
    if (offer.decision.outcome === 'deny') {
      const decision = decisionOn(principal, decisionId, offer)
      await keepRefusal(services, principal, decision, offer)
      throw refusedByCompliance(decision)
    }
    // of a payer who signs it, the chain asks: they may have paid already, and tell of it next
    if (!offer.wallet.isExternal) await requireBalance(services, offer)

    const accepted = await acceptPayment(services, principal, { id, transactionId, decisionId, intention, offer })
    // the offer no longer holds, or another call with this key was quicker: both are seen when it is read again
    if (!accepted) continue
    if (accepted.state === 'accepted' && !offer.wallet.isExternal) services.nudge.transaction(transactionId)
    return { ...accepted, replayed: false }
  }
  throw new DomainError(
    'CONFLICT',
    'The paywall or the compliance lists kept changing. Try again with the same idempotency key.',
  )
}

const decisionOn = ({ appId }: AppPrincipal, id: string, { question, decision }: Offer): NewDecision => {
  const { rulesVersion, policy, ...answer } = decision
  return { id, appId, question, answer, rulesVersion, policy }
}

/** Keeps a decision against a payment. Nothing is queued. */
const keepRefusal = (services: Services, principal: AppPrincipal, decision: NewDecision, { paywall }: Offer) =>
  transaction(
    services.db,
    (trx) => storeRefusal(trx, principal, decision, { about: { paywall: paywall.id }, at: services.clock.now() }),
    { idempotent: true },
  )
