import { type ClaimedPurchase, claimPurchases, postponePurchase } from '../domain/purchases/claim-purchases.ts'
import { followPurchase } from '../domain/purchases/follow-purchase.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** Purchases of which nobody knows yet what became: whoever made them has waited long enough, or was stopped. */
export const purchaseQueue = (services: Services): Queue<ClaimedPurchase> => ({
  name: 'purchases',
  dueShards: () => dueShards(services, 'purchase'),
  claim: (shard, limit) => claimPurchases(services, shard, limit),
  work: async ({ id }) => {
    await followPurchase(services, id)
  },
  giveBack: (row) => postponePurchase(services, row),
})
