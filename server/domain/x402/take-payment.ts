import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Address } from '../../contract/entities.ts'
import type { TokenDomain } from '../../gateways/chain/transfer-authorization.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { decide } from '../compliance/decide.ts'
import { metersToCount } from '../compliance/meters.ts'
import type { Question } from '../compliance/question.ts'
import { storeRefusal } from '../compliance/refusal.ts'
import { refusedOutsider } from '../compliance/refused-outsider.ts'
import { DomainError } from '../domain-error.ts'
import { acceptPayment } from '../payments/accept-payment.ts'
import type { Offer } from '../payments/offer.ts'
import type { Principal } from '../principal.ts'
import { asAddress } from '../wire.ts'
import { PaymentRejected } from './payment-error.ts'
import type { PresentedPayment } from './presented-payment.ts'
import { readSale, requireOpen } from './read-sale.ts'
import type { SaleRow } from './sale-rows.ts'
import type { Market, Seller } from './seller.ts'
import { newPayerWallet } from './taken-authorization.ts'
import { verifyPayment } from './verify-payment.ts'

/** Nobody has signed in: what is paid here is written down as done by the service, for the payer that the payment names. */
const cashier: Principal = { kind: 'system', name: 'x402' }

/** How often what was checked may change under a payment before the buyer is told to try again. */
const TRIES = 8

/**
 * Takes a payment for a paywall: verifies it, has compliance decide, and accepts it in one commit. Accepted means: it will settle once,
 * or the buyer will be told why not. The same authorization is one payment for ever, however often and wherever it is shown.
 *
 * Answers with the payment's id.
 *
 * @throws PaymentRejected: nothing is charged. NOT_FOUND, PAYWALL_CLOSED, CHAIN_NOT_SUPPORTED, REFUSED_BY_COMPLIANCE (details: the checks
 *   that failed and their remedy), IDEMPOTENCY_MISMATCH for an identifier that stands for another payment, CONFLICT, CHAIN_UNAVAILABLE
 */
export async function takePayment(
  services: Services,
  seller: Seller,
  paywallId: string,
  payment: PresentedPayment,
): Promise<string> {
  const { from: payer, nonce } = payment.authorization
  const ids = { id: randomUUID(), transactionId: randomUUID(), decisionId: randomUUID(), walletId: randomUUID() }
  let verified = null as { call: Call; version: bigint } | null
  for (let tries = 0; tries < TRIES; tries++) {
    const { sale, market, domain } = await readSale(seller, paywallId, { payer, nonce, identifier: payment.identifier })
    if (sale.taken_payment) {
      requireSame(sale, paywallId, payment)
      return sale.taken_payment
    }
    if (sale.named_hash && !sale.named_hash.equals(payment.hash)) throw identifierTaken()
    requireOpen(sale)
    if (verified?.version !== sale.version)
      verified = { call: await verify(services, seller, { sale, market, domain }, payment), version: sale.version }

    const offer = await offerOf(services, sale, payer, ids.walletId)
    if (offer.decision.outcome !== 'allow') throw await refused(services, sale, offer, ids.decisionId)
    const isTaken = await accept(services, seller, { sale, offer, call: verified.call, payment }, ids)
    // what was checked has changed, or the same authorization was shown at the same time: both are seen when it is read again
    if (!isTaken) continue
    services.nudge.transaction(ids.transactionId)
    return ids.id
  }
  throw new DomainError(
    'CONFLICT',
    'The paywall or the compliance lists kept changing. Present the same payment again.',
  )
}

const verify = (
  { clock }: Services,
  { signer }: Seller,
  { sale, market, domain }: { sale: SaleRow; market: Market; domain: TokenDomain },
  payment: PresentedPayment,
) => verifyPayment({ market, signer, clock }, sale, domain, payment)

/** @throws PaymentRejected, IDEMPOTENCY_MISMATCH */
function requireSame(sale: SaleRow, paywallId: string, { hash, authorization }: PresentedPayment): void {
  if (sale.taken_paywall === paywallId && sale.taken_hash!.equals(hash)) return
  throw new PaymentRejected(
    'invalid_transaction_state',
    'The authorization was used before. Sign a new one.',
    authorization.from,
  )
}

const identifierTaken = () =>
  new DomainError(
    'IDEMPOTENCY_MISMATCH',
    'This payment identifier stands for another payment. Present that one to get its answer, or use a new identifier for a new purchase.',
  )

async function offerOf(services: Services, sale: SaleRow, payer: Address, newWalletId: string): Promise<Offer> {
  const walletId = sale.wallet_id ?? newWalletId
  const question: Question = {
    action: 'payment',
    parties: { payer, recipient: asAddress(sale.recipient) },
    walletId,
    userId: sale.payer_user,
    assetId: sale.asset_id,
    amount: sale.price,
    at: services.clock.now(),
  }
  const facts = await services.readFacts(sale.app_id, question, sale.rules_version)
  const decision = decide(question, facts)
  return {
    paywall: { id: sale.paywall_id, version: sale.version, open: sale.open },
    wallet: { id: walletId, address: payer, isExternal: true },
    asset: {
      id: sale.asset_id,
      chainId: sale.chain_id,
      address: asAddress(sale.token),
      symbol: sale.symbol,
      decimals: sale.decimals,
    },
    recipient: asAddress(sale.recipient),
    amount: sale.price,
    question,
    decision: { ...decision, rulesVersion: facts.rulesVersion, policy: facts.policy },
    meters: metersToCount(question, facts, decision),
  }
}

/** Keeps the decision. Nothing is charged: where an officer would have to look first, the answer is no, for nobody waits here. */
async function refused(services: Services, sale: SaleRow, { question, decision }: Offer, id: string) {
  const { rulesVersion, policy, ...answer } = decision
  const kept = { id, appId: sale.app_id, question, answer, rulesVersion, policy }
  await transaction(
    services.db,
    (trx) => storeRefusal(trx, cashier, kept, { about: { paywall: sale.paywall_id }, at: services.clock.now() }),
    { idempotent: true },
  )
  return refusedOutsider(answer.checks, { decisionId: id })
}

async function accept(
  services: Services,
  seller: Seller,
  { sale, offer, call, payment }: { sale: SaleRow; offer: Offer; call: Call; payment: PresentedPayment },
  { walletId, ...ids }: { id: string; transactionId: string; decisionId: string; walletId: string },
): Promise<boolean> {
  const { from: payer, nonce } = payment.authorization
  const token = asAddress(sale.token)
  const at = services.clock.now()
  const accepted = await acceptPayment(services, cashier, {
    ...ids,
    offer,
    intention: {
      app_id: sale.app_id,
      subject: 'system:x402',
      procedure: 'x402',
      key: `eip155:${sale.chain_id} ${token} ${payer} ${nonce}`,
      request_hash: payment.hash,
    },
    order: {
      sender: seller.signer,
      call,
      authorization: {
        token,
        nonce,
        payloadHash: payment.hash,
        identifier: payment.identifier,
        payerWallet: sale.wallet_id
          ? null
          : newPayerWallet(cashier, { id: walletId, appId: sale.app_id, address: payer, chainId: sale.chain_id, at }),
      },
    },
  }).catch((error) => {
    if ((error as { code?: string }).code !== '23505') throw error
    return null
  })
  return accepted !== null
}
