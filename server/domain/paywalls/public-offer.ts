import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Address } from '../../contract/entities.ts'
import type { Clock } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { asAddress } from '../wire.ts'

/** What anybody may know of a paywall who knows its id: what every buyer is shown, and nothing of who has bought. */
export interface PublicOffer {
  paywallId: string
  appId: string
  title: string
  /** In base units of the asset. */
  price: bigint
  recipient: Address
  accessSeconds: number | null
  asset: { id: string; chainId: number; address: Address; symbol: string; decimals: number }
}

/**
 * Reads the offer of an open paywall of any app.
 *
 * @throws NOT_FOUND, PAYWALL_CLOSED
 */
export async function publicOffer(
  { db, clock }: { db: Kysely<Database>; clock: Clock },
  paywallId: string,
): Promise<PublicOffer> {
  const row = await atomically(
    db,
    (one) =>
      one
        .selectFrom('paywall')
        .innerJoin('asset', 'asset.id', 'paywall.asset_id')
        .select(['paywall.app_id', 'title', 'price', 'recipient', 'access_seconds', 'state', 'expires_at'])
        .select(['asset_id', 'asset.chain_id', 'asset.address', 'asset.symbol', 'asset.decimals'])
        .where('paywall.id', '=', paywallId)
        .executeTakeFirst(),
    reading,
  )
  if (!row) throw notFound('paywall')
  if (row.state !== 'open' || (row.expires_at && row.expires_at <= clock.now()))
    throw new DomainError('PAYWALL_CLOSED', 'This paywall is closed and sells nothing any more.')
  return {
    paywallId,
    appId: row.app_id,
    title: row.title,
    price: row.price,
    recipient: asAddress(row.recipient),
    accessSeconds: row.access_seconds === null ? null : Number(row.access_seconds),
    asset: {
      id: row.asset_id,
      chainId: Number(row.chain_id),
      address: asAddress(row.address),
      symbol: row.symbol,
      decimals: row.decimals,
    },
  }
}
