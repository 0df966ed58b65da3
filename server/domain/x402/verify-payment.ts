import type { PaymentRequirements } from '@x402/core/types'
import { isAddressEqual } from 'viem'
import type { Address } from '../../contract/entities.ts'
import { recoverSigner } from '../../gateways/chain/recover-signer.ts'
import {
  authorizationHash,
  authorizedTransfer,
  batchAddress,
  type TokenDomain,
} from '../../gateways/chain/transfer-authorization.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Clock } from '../../services.ts'
import { PaymentRejected, type Rejection } from './payment-error.ts'
import type { PresentedPayment } from './presented-payment.ts'
import { networkV1, requirementsOf } from './requirements.ts'
import type { SaleRow } from './sale-rows.ts'
import type { Market } from './seller.ts'

/** Seconds that an authorization must still hold, so that it does while it is brought to the chain. */
const LEAST_SECONDS = 6n

/** Who brings payments to a chain, and what it asks there. */
export interface Cashier {
  market: Market
  signer: Address
  clock: Clock
}

/**
 * Verifies that a payment meets the offer, and would be made if it were brought to the chain now. Answers with the call that makes it. The
 * signature of a plain key is verified here; the chain is asked once, and told apart only when it says no.
 *
 * @throws PaymentRejected, ChainUnavailable
 */
export async function verifyPayment(
  { market, signer, clock }: Cashier,
  sale: SaleRow,
  domain: TokenDomain,
  payment: PresentedPayment,
): Promise<Call> {
  const { authorization, signature } = payment
  const payer = authorization.from
  const reject = (reason: Rejection, message: string) => new PaymentRejected(reason, message, payer)
  requireOffered(sale, requirementsOf(sale, domain), payment)

  const now = BigInt(Math.floor(clock.now().getTime() / 1000))
  if (!isAddressEqual(authorization.to, sale.recipient as Address))
    throw reject('invalid_exact_evm_payload_recipient_mismatch', 'It pays somebody else.')
  if (authorization.value !== sale.price)
    throw reject('invalid_exact_evm_payload_authorization_value_mismatch', 'It is not exactly the price.')
  if (authorization.validAfter >= now)
    throw reject('invalid_exact_evm_payload_authorization_valid_after', 'It is not valid yet.')
  if (authorization.validBefore < now + LEAST_SECONDS)
    throw reject('invalid_exact_evm_payload_authorization_valid_before', 'It ends too soon, or has ended.')

  const token = sale.token as Address
  if ((await market.chain.senderRole(signer)) === 'none')
    throw reject('invalid_network', 'The chain takes no transactions of ours right now.')
  const hash = authorizationHash(market.chain.chainId, token, domain, authorization)
  const recovered = await recoverSigner(hash, signature)
  const isKey = recovered?.signer === payer.toLowerCase() && !recovered.malleable
  const isMade = isKey || (await market.hasCode(payer))
  if (!isKey) {
    const claim = { account: payer, hash, signature }
    if (!(await market.chain.acceptsSignature(claim)))
      throw reject('invalid_exact_evm_payload_signature', 'It is not signed by its payer.')
    if (!isMade && !(await market.hasCode(batchAddress)))
      throw reject(
        'invalid_exact_evm_payload_undeployed_smart_wallet',
        'The wallet is not on the chain yet. Use it once, then pay.',
      )
  }

  const call = authorizedTransfer(token, authorization, { signature, isKey, isMade })
  if (await market.wouldSucceed(signer, call)) return call
  const { balance, isUsed } = await market.standing(token, authorization)
  if (isUsed) throw reject('invalid_transaction_state', 'The authorization was used or taken back.')
  if (balance < sale.price) throw reject('insufficient_funds', `The payer has ${balance} base units.`)
  throw reject('invalid_transaction_state', 'The token does not make this transfer.')
}

/** @throws PaymentRejected */
function requireOffered(
  sale: SaleRow,
  { scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra }: PaymentRequirements,
  { x402Version, accepted, authorization: { from } }: PresentedPayment,
): void {
  if (accepted.scheme !== scheme) throw new PaymentRejected('unsupported_scheme', `Only ${scheme} is taken.`, from)
  const name = x402Version === 1 ? networkV1(sale.chain_id) : network
  if (accepted.network !== name) throw new PaymentRejected('invalid_network', `It is sold on ${name}.`, from)
  const { terms } = accepted
  if (!terms) return
  const isOffered =
    terms.amount === amount &&
    terms.asset.toLowerCase() === asset.toLowerCase() &&
    terms.payTo.toLowerCase() === payTo.toLowerCase() &&
    terms.maxTimeoutSeconds === maxTimeoutSeconds &&
    Object.entries(terms.extra).every(([key, value]) => !Object.hasOwn(extra, key) || extra[key] === value)
  if (!isOffered)
    throw new PaymentRejected(
      'invalid_payment_requirements',
      'This is not what is offered now. Ask for the offer.',
      from,
    )
}
