import { encodeFunctionData, erc20Abi } from 'viem'
import type { Address } from '../../contract/entities.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { decide } from '../compliance/decide.ts'
import { refusedOutsider } from '../compliance/refused-outsider.ts'
import { DomainError } from '../domain-error.ts'
import type { PublicOffer } from '../paywalls/public-offer.ts'
import { withPaywall } from './names-in-calldata.ts'

/**
 * The call with which somebody whom we do not know pays for a paywall: an ERC-20 transfer of exactly its price to its recipient, with the
 * paywall's id after its arguments. Who has sent it claims what was bought by signing in with that wallet.
 *
 * Nothing is written, and nothing counted. Compliance is asked about the two addresses: where it would have an officer look at the payment
 * first, the answer is no, for money that has moved cannot be held.
 *
 * @throws CHAIN_NOT_SUPPORTED, REFUSED_BY_COMPLIANCE (details: the rules that were not satisfied, and what would satisfy them)
 */
export async function purchaseFromOutside(services: Services, offer: PublicOffer, payer: Address): Promise<Call> {
  const { paywallId, asset, recipient, price } = offer
  if (!services.chains.get(asset.chainId))
    throw new DomainError('CHAIN_NOT_SUPPORTED', `Nothing can be paid on chain eip155:${asset.chainId} right now.`)

  const question = {
    action: 'payment' as const,
    parties: { payer, recipient },
    // as a wallet that has paid nothing yet: anybody may ask about any address, and is not to learn what its owner has paid
    walletId: payer,
    userId: null,
    assetId: asset.id,
    amount: price,
    at: services.clock.now(),
  }
  const { outcome, checks } = decide(question, await services.readFacts(offer.appId, question))
  if (outcome !== 'allow') throw refusedOutsider(checks)

  const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, price] })
  return { to: asset.address, value: 0n, data: withPaywall(transfer, paywallId) }
}
