import 'server-only'
import { type Asset, errorOf, type Paywall } from '@provider-service/client'
import { cache } from 'react'
import { catalogue } from './service.ts'

/** Something on sale, and what its price is in. */
export interface Offer {
  paywall: Paywall
  asset: Asset
}

/** What can be bought now, newest first. */
export const offers = cache(async (): Promise<Offer[]> => {
  const [{ items }, assets] = await Promise.all([
    catalogue().paywalls.list.query({ state: 'open', limit: 100 }),
    assetsById(),
  ])
  const now = Date.now()
  return items
    .filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > now)
    .flatMap((paywall) => {
      const asset = assets.get(paywall.assetId)
      return asset ? [{ paywall, asset }] : []
    })
})

/** One offer, open or not, by the id of its paywall; null if there is none. */
export const offerOf = cache(async (paywallId: string): Promise<Offer | null> => {
  try {
    const [paywall, assets] = await Promise.all([catalogue().paywalls.get.query({ paywallId }), assetsById()])
    const asset = assets.get(paywall.assetId)
    return asset ? { paywall, asset } : null
  } catch (error) {
    const { code } = errorOf(error)
    // what is no id at all is no paywall's either
    if (code === 'NOT_FOUND' || code === 'INVALID_INPUT') return null
    throw error
  }
})

export const assetsById = cache(async (): Promise<ReadonlyMap<string, Asset>> => {
  const assets = new Map<string, Asset>()
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await catalogue().assets.list.query({ limit: 100, ...(cursor && { cursor }) })
    for (const asset of items) assets.set(asset.id, asset)
    if (nextCursor === null) return assets
    cursor = nextCursor
  }
})
