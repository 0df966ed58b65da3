import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/** A purchase that is claimed to be looked for. */
export interface ClaimedPurchase {
  id: string
  attempts: number
}

/** Claims due purchases of a shard, as transactions are claimed. */
export function claimPurchases(services: Services, shard: number, limit: number): Promise<ClaimedPurchase[]> {
  const now = services.clock.now()
  return atomically(
    services.db,
    (one) =>
      one
        .updateTable('purchase')
        .set((row) => ({
          next_attempt_at: new Date(now.getTime() + services.patience.lease),
          attempts: row('attempts', '+', 1),
        }))
        .where('id', 'in', (due) =>
          due
            .selectFrom('purchase')
            .select('id')
            .where('shard', '=', shard)
            .where('next_attempt_at', '<=', now)
            .orderBy('next_attempt_at', (order) => order.asc().nullsLast())
            .limit(limit),
        )
        .where('next_attempt_at', '<=', now)
        .returning(['id', 'attempts'])
        .execute(),
    { idempotent: true },
  )
}

/** Gives a purchase back that could not be looked for now. */
export async function postponePurchase(services: Services, { id, attempts }: ClaimedPurchase): Promise<void> {
  const due = new Date(services.clock.now().getTime() + Math.min(300_000, 1_000 * 2 ** Math.min(attempts, 12)))
  await atomically(
    services.db,
    (one) =>
      one
        .updateTable('purchase')
        .set({ next_attempt_at: due })
        .where('id', '=', id)
        .where('next_attempt_at', 'is not', null)
        .execute(),
    { idempotent: true },
  )
}
