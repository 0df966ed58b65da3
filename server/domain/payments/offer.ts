import { sql } from 'kysely'
import type { Address } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type Answer, decide } from '../compliance/decide.ts'
import { readFacts } from '../compliance/facts.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type Intention, mismatch } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { asAddress } from '../wire.ts'

/** Everything a payment of one paywall from one wallet would be made of, as it stands now. */
export interface Offer {
  paywall: { id: string; version: bigint; open: boolean }
  wallet: { id: string; address: Address }
  asset: { id: string; chainId: bigint; address: Address; symbol: string; decimals: number }
  recipient: Address
  /** In base units of the asset. */
  amount: bigint
  decision: Answer & { listVersion: bigint }
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
  return offerOf(services, principal, purchase, await offerRow(services, principal, purchase).executeTakeFirst())
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
  const row = await offerRow(services, principal, purchase)
    .leftJoin('idempotency', (join) =>
      join
        .on('idempotency.app_id', '=', intention.app_id)
        .on('idempotency.subject', '=', intention.subject)
        .on('idempotency.procedure', '=', intention.procedure)
        .on('idempotency.key', '=', intention.key),
    )
    .select(['idempotency.request_hash', 'idempotency.resource_id'])
    .executeTakeFirst()
  if (row?.resource_id && row.request_hash) {
    if (!row.request_hash.equals(intention.request_hash)) throw mismatch()
    return { earlier: row.resource_id }
  }
  return offerOf(services, principal, purchase, row)
}

const offerRow = ({ db, clock }: Services, principal: AppPrincipal, { paywallId, walletId }: Purchase) =>
  db
    .selectFrom('paywall')
    .innerJoin('asset', 'asset.id', 'paywall.asset_id')
    .leftJoin('wallet', (join) =>
      join
        .onRef('wallet.app_id', '=', 'paywall.app_id')
        .on('wallet.id', '=', walletId)
        .on('wallet.kind', '=', 'custodial'),
    )
    .select([
      'paywall.version',
      'paywall.price',
      'paywall.recipient',
      'paywall.asset_id',
      'asset.chain_id',
      'asset.address as token',
      'asset.symbol',
      'asset.decimals',
      'wallet.address as payer',
      sql<boolean>`paywall.state = 'open' and (paywall.expires_at is null or paywall.expires_at > ${clock.now()})`.as(
        'open',
      ),
    ])
    .where('paywall.id', '=', paywallId)
    .where('paywall.app_id', '=', principal.appId)

type OfferRow = Awaited<ReturnType<ReturnType<typeof offerRow>['executeTakeFirst']>>

async function offerOf(
  services: Services,
  principal: AppPrincipal,
  { paywallId, walletId }: Purchase,
  row: OfferRow,
): Promise<Offer> {
  if (!row) throw notFound('paywall')
  if (!row.payer) throw notFound('wallet')
  if (!services.chains.get(row.chain_id) || !services.provider.supports(Number(row.chain_id)))
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `This wallet cannot pay on chain eip155:${row.chain_id}. Use a paywall priced in an asset of a supported chain.`,
    )

  const facts = await readFacts(services.db, principal.appId, [row.payer, row.recipient])
  return {
    paywall: { id: paywallId, version: row.version, open: row.open },
    wallet: { id: walletId, address: asAddress(row.payer) },
    asset: {
      id: row.asset_id,
      chainId: row.chain_id,
      address: asAddress(row.token),
      symbol: row.symbol,
      decimals: row.decimals,
    },
    recipient: asAddress(row.recipient),
    amount: row.price,
    decision: {
      ...decide({ action: 'payment', addresses: { payer: row.payer, recipient: row.recipient } }, facts),
      listVersion: facts.listVersion,
    },
  }
}
