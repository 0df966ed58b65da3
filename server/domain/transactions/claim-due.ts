import type { TransactionRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { transactionColumns } from './columns.ts'

/**
 * Claims due transactions of a shard for this worker. The claim is the time of the next attempt: who dies with it loses it
 * when the lease ends.
 */
export function claimDue(services: Services, shard: number, limit: number): Promise<TransactionRow[]> {
  const now = services.clock.now()
  return atomically(
    services.db,
    (db) =>
      db
        .updateTable('transaction')
        .set((row) => ({
          next_attempt_at: new Date(now.getTime() + services.patience.lease),
          attempts: row('attempts', '+', 1),
        }))
        .where('id', 'in', (due) =>
          due
            .selectFrom('transaction')
            .select('id')
            .where('shard', '=', shard)
            .where('next_attempt_at', '<=', now)
            .orderBy('next_attempt_at', (order) => order.asc().nullsLast())
            .limit(limit),
        )
        .where('next_attempt_at', '<=', now)
        .returning(transactionColumns)
        .execute(),
    // a claim made twice is a claim
    { idempotent: true },
  )
}
