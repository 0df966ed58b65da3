import type { Quote } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { chainName } from '../wire.ts'
import { readOffer } from './offer.ts'

/**
 * Tells what `payments.create` would answer now: the price, what the wallet holds, and the same compliance checks. Writes nothing.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED, CHAIN_UNAVAILABLE
 */
export async function quotePayment(
  services: Services,
  principal: AppPrincipal,
  input: { paywallId: string; walletId: string },
): Promise<Quote> {
  const { paywall, wallet, asset, recipient, amount, decision } = await readOffer(services, principal, input)
  const balance = await services.chains.get(asset.chainId)!.balanceOf(asset.address, wallet.address)
  return {
    paywallId: paywall.id,
    walletId: wallet.id,
    assetId: asset.id,
    chain: chainName(asset.chainId),
    payer: wallet.address,
    recipient,
    amount,
    balance,
    outcome: decision.outcome,
    checks: decision.checks,
    listVersion: decision.rulesVersion,
    policyVersion: decision.policy.version,
    payable: paywall.open && decision.outcome !== 'deny' && balance >= amount,
  }
}
