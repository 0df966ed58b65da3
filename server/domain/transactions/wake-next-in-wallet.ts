import type { TransactionRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/** Makes the transaction that waits longest for this wallet and chain due, now that the one before it has left. */
export async function wakeNextInWallet(
  services: Services,
  left: Pick<TransactionRow, 'wallet_id' | 'chain_id'>,
): Promise<void> {
  const woken = await atomically(
    services.db,
    (db) =>
      db
        .updateTable('transaction')
        .set({ next_attempt_at: services.clock.now() })
        .where('id', 'in', (waiting) =>
          waiting
            .selectFrom('transaction')
            .select('id')
            .where('wallet_id', '=', left.wallet_id)
            .where('chain_id', '=', left.chain_id)
            .where('state', '=', 'queued')
            .orderBy('created_at')
            .orderBy('id')
            .limit(1),
        )
        .returning('id')
        .executeTakeFirst(),
    { idempotent: true },
  )
  if (woken) services.nudge.transaction(woken.id)
}
