import type { Updateable } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/**
 * Gives a claimed transaction back, to be looked at again after `milliseconds`. Learns `facts` on the way. If it was made due
 * meanwhile (a webhook, a block), it stays due.
 */
export async function postpone(
  services: Services,
  transaction: TransactionRow,
  milliseconds: number,
  facts: Partial<
    Pick<TransactionRow, 'transaction_hash' | 'failure_reason' | 'failure_message' | 'searched_block'>
  > = {},
): Promise<void> {
  await makeDue(services, transaction, {
    next_attempt_at: new Date(services.clock.now().getTime() + milliseconds),
    ...facts,
  })
}

/** Lets a claimed transaction rest for good, unless it was made due meanwhile. */
export const finish = (services: Services, transaction: TransactionRow): Promise<void> =>
  makeDue(services, transaction, { next_attempt_at: null })

async function makeDue(
  services: Services,
  claimed: TransactionRow,
  set: Updateable<Database['transaction']>,
): Promise<void> {
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('transaction')
        .set(set)
        .where('id', '=', claimed.id)
        .where('version', '=', claimed.version)
        .where('next_attempt_at', '=', claimed.next_attempt_at)
        .execute(),
    { idempotent: true },
  )
}

/** How long to wait before the next look: doubling from the first wait to the longest, and never twice the same. */
export function nextLook({ patience }: Services, attempts: number): number {
  const wait = Math.min(patience.look.longest, patience.look.first * 2 ** Math.min(attempts - 1, 20))
  return wait * (0.75 + Math.random() / 2)
}

/** A failed transaction is looked at once more so much later: whoever was told that nothing was paid must be told if it was. */
export const lastLook = ({ clock, patience }: Services): Date => new Date(clock.now().getTime() + patience.deadline)

/** Whether the last look for a failed payment is over. */
export const isClosed = ({ state, searched_block }: Pick<TransactionRow, 'state' | 'searched_block'>): boolean =>
  state === 'failed' && searched_block === null
