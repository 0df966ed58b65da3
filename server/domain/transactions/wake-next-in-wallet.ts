import type { Transaction } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'

/** Makes the transaction that waits longest for this wallet and chain due, now that the one before it has left. */
export async function wakeNextInWallet(
  trx: Transaction<Database>,
  now: Date,
  left: Pick<TransactionRow, 'wallet_id' | 'chain_id'>,
): Promise<void> {
  const next = await trx
    .selectFrom('transaction')
    .select('id')
    .where('wallet_id', '=', left.wallet_id)
    .where('chain_id', '=', left.chain_id)
    .where('state', '=', 'queued')
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  if (next) await trx.updateTable('transaction').set({ next_attempt_at: now }).where('id', '=', next.id).execute()
}
