import { encodeFunctionData, erc20Abi } from 'viem'
import type { Address, Check } from '../../contract/entities.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'
import { decide } from '../compliance/decide.ts'
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
  if (outcome !== 'allow') {
    const refused = checks.filter((check) => check.outcome !== 'allow')
    throw new DomainError('REFUSED_BY_COMPLIANCE', sentenceOf(refused), { checks: refused.map(toldToAnybody) })
  }

  const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, price] })
  return { to: asset.address, value: 0n, data: withPaywall(transfer, paywallId) }
}

function sentenceOf(refused: readonly Check[]): string {
  const rules = new Intl.ListFormat('en').format(refused.map(({ rule }) => rule))
  return refused.some(({ outcome }) => outcome === 'deny')
    ? `Compliance does not allow this payment: ${rules}.`
    : `A compliance officer would have to look at this payment first: ${rules}. Sign in to the app and pay there.`
}

/** Which rule, and what would satisfy it. Why somebody is on a list and how much others have paid is not for everybody. */
function toldToAnybody({ rule, outcome, code, remedy }: Check) {
  const counts = rule === 'limit' || rule === 'velocity'
  return { rule, outcome, code, remedy: counts ? 'Wait, or sign in to the app, which says more.' : remedy }
}
