import { encodePaymentRequiredHeader, encodePaymentResponseHeader } from '@x402/core/http'
import type { PaymentRequired, SettleResponse } from '@x402/core/types'
import { declarePaymentIdentifierExtension } from '@x402/extensions/payment-identifier'
import { buildSIWxSchema } from '@x402/extensions/sign-in-with-x'
import type { Response } from 'express'
import { chainName } from '../../domain/wire.ts'
import type { PaymentRejected } from '../../domain/x402/payment-error.ts'
import type { PresentedPayment } from '../../domain/x402/presented-payment.ts'
import { isUnderWay, type Purchase } from '../../domain/x402/purchase.ts'
import type { EntryQuestion } from '../../domain/x402/re-entry.ts'
import { networkV1, requirementsOf, requirementsV1Of } from '../../domain/x402/requirements.ts'
import type { SaleRow } from '../../domain/x402/sale-rows.ts'
import type { Seller } from '../../domain/x402/seller.ts'
import type { TokenDomain } from '../../gateways/chain/transfer-authorization.ts'

/** What is offered to a buyer, and where. */
export interface Offered {
  seller: Seller
  sale: SaleRow
  domain: TokenDomain
  resource: string
  /** For those who have paid before. */
  question: EntryQuestion
}

/** An answer over HTTP. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
}

export function respond(response: Response, { status, headers, body }: Answer): void {
  response.status(status).set(headers).json(body)
}

/**
 * The offer: in a header for clients of the protocol's second version, in the body for those of the first. `error` says why the last payment
 * was not it.
 */
export function offerOf({ seller, sale, domain, resource, question }: Offered, error = 'Payment required'): Answer {
  const identifierRequired = seller.identifier === 'required'
  const required: PaymentRequired = {
    x402Version: 2,
    error,
    resource: { url: resource, description: sale.title, mimeType: 'application/json' },
    accepts: [requirementsOf(sale, domain)],
    extensions: {
      'payment-identifier': declarePaymentIdentifierExtension(identifierRequired),
      'sign-in-with-x': {
        info: question,
        supportedChains: [{ chainId: chainName(sale.chain_id), type: 'eip191' }],
        schema: entrySchema,
      },
    },
  }
  // the first version has no place for an identifier
  const v1 = identifierRequired ? null : requirementsV1Of(sale, domain, resource)
  return {
    status: 402,
    headers: { 'payment-required': encodePaymentRequiredHeader(required) },
    body: { x402Version: 1, error, accepts: v1 ? [v1] : [] },
  }
}

const entrySchema = buildSIWxSchema()

/** Why a payment does not pay: with the offer, so that the next one may. */
export function rejection(
  { reason, payer, message }: PaymentRejected,
  payment: PresentedPayment,
  offered: Offered,
): Answer {
  const answer = offerOf(offered, reason)
  const { sale } = offered
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...settlement(payment, sale.chain_id, { success: false, errorReason: reason, payer, transaction: '' }),
    },
    body: { ...answer.body, message, payer },
  }
}

/** What was bought, for those who have paid. */
export const receipt = (purchase: Purchase): Answer => ({ status: 200, headers: {}, body: receiptOf(purchase) })

/** What became of a payment; null for one that has ended without being paid (see {@link unpaid}). */
export function answerOf(purchase: Purchase, presented: PresentedPayment): Answer | null {
  const { payment } = purchase
  if (payment.state === 'settled') return { ...receipt(purchase), headers: settlementOf(purchase, presented) }
  if (isUnderWay(purchase)) {
    const message =
      'The payment is on its way to the chain. Ask again with the same payment header: it pays once, and the answer tells how it ended.'
    return { status: 202, headers: { 'retry-after': '2' }, body: { ...receiptOf(purchase), message } }
  }
  if (payment.state !== 'refused') return null
  const headers = settlementOf(purchase, presented, 'refused_by_compliance')
  return { status: 403, headers, body: { error: 'REFUSED_BY_COMPLIANCE', message: whyNot(purchase) } }
}

/** A payment that has ended without being paid, and the offer for the next. */
export function unpaid(purchase: Purchase, presented: PresentedPayment, offered: Offered): Answer {
  const reason = reasonOf(purchase.payment.failure?.reason)
  const offer = offerOf(offered, reason)
  return {
    ...offer,
    headers: { ...offer.headers, ...settlementOf(purchase, presented, reason) },
    body: { ...offer.body, message: whyNot(purchase), payment: purchase.payment.id },
  }
}

const whyNot = ({ payment }: Purchase) =>
  `Nothing was charged: ${payment.failure?.message ?? `the payment is ${payment.state}.`}`

function settlementOf({ payment }: Purchase, presented: PresentedPayment, errorReason?: string) {
  const { payer, amount, chain, transactionHash } = payment
  const chainId = BigInt(chain.slice('eip155:'.length))
  return errorReason === undefined
    ? settlement(presented, chainId, { success: true, payer, transaction: transactionHash!, amount: String(amount) })
    : settlement(presented, chainId, { success: false, errorReason, payer, transaction: '' })
}

const reasonOf = (reason: string | undefined): string =>
  reason === 'execution_reverted' ? 'invalid_transaction_state' : 'unexpected_settle_error'

/** The header that tells of the settlement, by the version that the buyer speaks. Nothing of how we work is in it. */
function settlement(
  { x402Version }: PresentedPayment,
  chainId: bigint,
  response: Omit<SettleResponse, 'network'>,
): Record<string, string> {
  const network = x402Version === 1 ? networkV1(chainId) : chainName(chainId)
  const encoded = encodePaymentResponseHeader({ ...response, network: network as SettleResponse['network'] })
  return { [x402Version === 1 ? 'x-payment-response' : 'payment-response']: encoded }
}

/** What the buyer gets: the payment, and the access that it has bought. */
function receiptOf({ payment, paywall, asset, access }: Purchase): Record<string, unknown> {
  return {
    paywall,
    payment: {
      id: payment.id,
      state: payment.state,
      payer: payment.payer,
      recipient: payment.recipient,
      amount: String(payment.amount),
      asset,
      network: payment.chain,
      transaction: payment.transactionHash,
      settledAt: payment.settledAt,
    },
    access,
  }
}
