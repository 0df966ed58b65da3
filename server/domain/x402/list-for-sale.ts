import type { PaymentRequirements } from '@x402/core/types'
import type { Services } from '../../services.ts'
import { requirementsOf } from './requirements.ts'
import type { Seller } from './seller.ts'

/** Something that is for sale, as catalogues of what agents can buy list it. */
export interface ForSale {
  resource: string
  type: 'http'
  x402Version: 2
  accepts: PaymentRequirements[]
  lastUpdated: string
  description: string
  mimeType: string
}

/** Lists the open paywalls of all apps that are sold over x402, newest first. */
export async function listForSale(
  services: Services,
  seller: Seller,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: ForSale[]; total: number }> {
  const { db, clock } = services
  const assets = await db.selectFrom('asset').select(['id', 'chain_id', 'address as token']).execute()
  const domains = new Map(
    await Promise.all(assets.map(async (asset) => [asset.id, await seller.domainOf(asset)] as const)),
  )
  const sold = assets.filter(({ id }) => domains.get(id)).map(({ id }) => id)
  if (sold.length === 0) return { items: [], total: 0 }
  const open = db
    .selectFrom('paywall')
    .where('asset_id', 'in', sold)
    .where('state', '=', 'open')
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', clock.now())]))
  const [rows, { total }] = await Promise.all([
    open
      .innerJoin('asset', 'asset.id', 'paywall.asset_id')
      .select(['paywall.id', 'title', 'price', 'recipient', 'updated_at', 'asset_id'])
      .select(['asset.chain_id', 'asset.address as token'])
      .orderBy('paywall.created_at', 'desc')
      .orderBy('paywall.id')
      .limit(limit)
      .offset(offset)
      .execute(),
    open.select(({ fn }) => fn.countAll<bigint>().as('total')).executeTakeFirstOrThrow(),
  ])
  const items = rows.map((row): ForSale => {
    const domain = domains.get(row.asset_id)!
    return {
      resource: `${seller.origin}/x402/paywalls/${row.id}`,
      type: 'http',
      x402Version: 2,
      accepts: [requirementsOf(row, domain)],
      lastUpdated: row.updated_at.toISOString(),
      description: row.title,
      mimeType: 'application/json',
    }
  })
  return { items, total: Number(total) }
}
