import type { AssetRow } from '../../../db/schema.ts'
import type { BuyingCheck, BuyingPolicy, BuyingWay } from '../../contract/purchases.ts'
import type { Offer } from '../../gateways/api-buyer.ts'

/** An offer in an asset that we know. */
export interface KnownOffer extends Offer {
  /** Null: nobody registered it. */
  assetId: string | null
}

/** Offers, each with our asset. */
export const withAssets = (
  offers: readonly Offer[],
  assets: readonly Pick<AssetRow, 'id' | 'chain_id' | 'address'>[],
): KnownOffer[] =>
  offers.map((offer) => ({
    ...offer,
    assetId:
      assets.find(({ chain_id, address }) => Number(chain_id) === offer.chainId && address === offer.asset)?.id ?? null,
  }))

const setTerms = 'An operator sets other terms with purchases.setPolicy.'

/** What stands against calling an API at all, by the terms in force. Empty: it may be asked what it costs. */
export function judgeCall(
  terms: BuyingPolicy | null,
  { url, way }: { url: string; way: BuyingWay | null },
): BuyingCheck[] {
  if (!terms)
    return [
      {
        rule: 'policy',
        message: 'The app has no terms for buying in force, so that nothing is bought.',
        remedy: 'An operator sets terms with purchases.setPolicy, and somebody else approves them.',
      },
    ]
  const { host } = new URL(url)
  return [
    ...(terms.sellers.some((seller) => seller.host === host)
      ? []
      : [{ rule: 'host' as const, message: 'The terms do not name the host of this API.', remedy: setTerms }]),
    ...(way !== null
      ? []
      : [
          {
            rule: 'way' as const,
            message: 'This way to pay is not in the terms, or this service is not configured for it.',
            remedy:
              'Name another way, or none; or have it configured (BUYER_KEY, HTTPAYER_API_KEY) and put in the terms.',
          },
        ]),
  ]
}

/** What stands against an offer by the terms, whatever was spent before. Empty: it may be paid if the budgets have room. */
export function judgeOffer(
  terms: BuyingPolicy,
  { url, maxPrice }: { url: string; maxPrice: bigint | null },
  { assetId, payee, price, fee }: KnownOffer,
): BuyingCheck[] {
  const checks: BuyingCheck[] = []
  const payees = terms.sellers.find(({ host }) => host === new URL(url).host)?.payees ?? []
  const asset = terms.assets.find((one) => one.assetId === assetId)
  if (!payees.includes(payee))
    checks.push({ rule: 'payee', message: 'The terms do not name this payee for the host.', remedy: setTerms })
  if (!asset)
    checks.push({ rule: 'asset', message: 'The terms do not name this asset, on this chain.', remedy: setTerms })
  else if (price + fee > asset.perCall)
    checks.push({
      rule: 'call',
      message: `It costs ${price + fee} base units, and one call may cost ${asset.perCall}.`,
      remedy: setTerms,
    })
  if (maxPrice !== null && price + fee > maxPrice)
    checks.push({
      rule: 'maximum',
      message: `It costs ${price + fee} base units, and maxPrice is ${maxPrice}.`,
      remedy: 'Ask for it anew with a higher maxPrice, if it is worth that.',
    })
  return checks
}

/** Why none of a seller's offers can be paid at all. */
export const nothingToPay: BuyingCheck = {
  rule: 'offer',
  message: 'The seller takes no payment that can be made here: an exact amount of an EIP-3009 token on an EVM chain.',
  remedy: 'Buy elsewhere, or in another way.',
}

/** The offer to take: the first that nothing stands against, or else the first, with what does. Null: there is none. */
export function chooseOffer(
  terms: BuyingPolicy,
  call: { url: string; maxPrice: bigint | null },
  offers: readonly KnownOffer[],
): { offer: KnownOffer; checks: BuyingCheck[] } | null {
  const judged = offers.map((offer) => ({ offer, checks: judgeOffer(terms, call, offer) }))
  return judged.find(({ checks }) => checks.length === 0) ?? judged[0] ?? null
}
