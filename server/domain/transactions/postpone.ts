import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'

/**
 * Gives a claimed transaction back, to be looked at again after `milliseconds`. Learns `facts` on the way. If it was made due
 * meanwhile (a webhook, a block), it stays due.
 */
export async function postpone(
  services: Services,
  transaction: TransactionRow,
  milliseconds: number,
  facts: Partial<Pick<TransactionRow, 'transaction_hash' | 'failure_reason' | 'failure_message'>> = {},
): Promise<void> {
  await services.db
    .updateTable('transaction')
    .set({ next_attempt_at: new Date(services.clock.now().getTime() + milliseconds), ...facts })
    .where('id', '=', transaction.id)
    .where('version', '=', transaction.version)
    .where('next_attempt_at', '=', transaction.next_attempt_at)
    .execute()
}

/** How long to wait before the next look: doubling from the first wait to the longest, and never twice the same. */
export function nextLook({ patience }: Services, attempts: number): number {
  const wait = Math.min(patience.look.longest, patience.look.first * 2 ** Math.min(attempts - 1, 20))
  return wait * (0.75 + Math.random() / 2)
}
