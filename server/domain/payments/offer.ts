import type { Address } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type Answer, decide } from '../compliance/decide.ts'
import type { FactsRead } from '../compliance/facts.ts'
import { type CountedMeter as Meter, metersToCount } from '../compliance/meters.ts'
import type { Question } from '../compliance/question.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type Intention, mismatch } from '../idempotency.ts'
import { type AppPrincipal, confinedTo } from '../principal.ts'
import { asAddress } from '../wire.ts'
import type { OfferQuestion, OfferRow } from './offer-rows.ts'

/** Everything a payment of one paywall from one wallet would be made of, as it stands now. */
export interface Offer {
  paywall: { id: string; version: bigint; open: boolean }
  /** External: its owner signs, and no provider. */
  wallet: { id: string; address: Address; isExternal: boolean }
  asset: { id: string; chainId: bigint; address: Address; symbol: string; decimals: number }
  recipient: Address
  /** In base units of the asset. */
  amount: bigint
  question: Question
  decision: Answer & { rulesVersion: bigint; policy: FactsRead['policy'] }
  meters: Meter[]
}

/** Which paywall is paid from which wallet. */
export interface Purchase {
  paywallId: string
  walletId: string
}

/**
 * Reads a paywall and a wallet of the caller's and asks compliance about the payment between them.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED
 */
export async function readOffer(services: Services, principal: AppPrincipal, purchase: Purchase): Promise<Offer> {
  const row = await services.offerRows(questionOf(principal, purchase, null))
  return offerOf(services, principal, purchase, row)
}

/**
 * Reads an offer as `readOffer` does, unless the intention was met by an earlier payment: then that payment's id, and nothing
 * else is looked at.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED, IDEMPOTENCY_MISMATCH
 */
export async function readOfferOnce(
  services: Services,
  principal: AppPrincipal,
  purchase: Purchase,
  intention: Intention,
): Promise<Offer | { earlier: string }> {
  const row = await services.offerRows(questionOf(principal, purchase, intention))
  if (row?.resource_id && row.request_hash) {
    if (!row.request_hash.equals(intention.request_hash)) throw mismatch()
    return { earlier: row.resource_id }
  }
  return offerOf(services, principal, purchase, row)
}

const questionOf = (
  principal: AppPrincipal,
  { paywallId, walletId }: Purchase,
  intention: Intention | null,
): OfferQuestion => ({
  appId: principal.appId,
  paywallId,
  walletId,
  userId: confinedTo(principal, []),
  intention,
})

async function offerOf(
  services: Services,
  principal: AppPrincipal,
  { paywallId, walletId }: Purchase,
  row: OfferRow | undefined,
): Promise<Offer> {
  if (!row) throw notFound('paywall')
  if (!row.payer) throw notFound('wallet')
  const isServed = row.is_external || services.provider.supports(Number(row.chain_id))
  if (!services.chains.get(row.chain_id) || !isServed)
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `This wallet cannot pay on chain eip155:${row.chain_id}. Use a paywall priced in an asset of a supported chain.`,
    )

  const question: Question = {
    action: 'payment',
    parties: { payer: asAddress(row.payer), recipient: asAddress(row.recipient) },
    walletId,
    userId: row.payer_user,
    assetId: row.asset_id,
    amount: row.price,
    at: services.clock.now(),
  }
  const facts = await services.readFacts(principal.appId, question, row.rules_version)
  const decision = decide(question, facts)
  return {
    paywall: { id: paywallId, version: row.version, open: row.open },
    wallet: { id: walletId, address: asAddress(row.payer), isExternal: row.is_external },
    asset: {
      id: row.asset_id,
      chainId: row.chain_id,
      address: asAddress(row.token),
      symbol: row.symbol,
      decimals: row.decimals,
    },
    recipient: asAddress(row.recipient),
    amount: row.price,
    question,
    decision: { ...decision, rulesVersion: facts.rulesVersion, policy: facts.policy },
    meters: metersToCount(question, facts, decision),
  }
}
