import { atomically } from '../../db/transaction.ts'
import type { Services } from '../services.ts'

/** Tables of what must be decided on in time. */
export type Undecided = 'approval' | 'review'

/** A row whose time is over, claimed to be ended. */
export interface Overdue {
  id: string
  attempts: number
}

/** Claims rows of a shard whose time is over, as transactions are claimed. */
export function claimOverdue(services: Services, table: Undecided, shard: number, limit: number): Promise<Overdue[]> {
  const now = services.clock.now()
  return atomically(
    services.db,
    (db) =>
      db
        .updateTable(table)
        .set((row) => ({
          next_attempt_at: new Date(now.getTime() + services.patience.lease),
          attempts: row('attempts', '+', 1),
        }))
        .where('id', 'in', (due) =>
          due
            .selectFrom(table)
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

/** Gives a row back that could not be ended. One that was decided meanwhile is due no more, and stays so. */
export async function postponeOverdue(services: Services, table: Undecided, { id, attempts }: Overdue): Promise<void> {
  const wait = Math.min(300_000, 1_000 * 2 ** Math.min(attempts, 12))
  const due = new Date(services.clock.now().getTime() + wait)
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable(table)
        .set({ next_attempt_at: due })
        .where('id', '=', id)
        .where('next_attempt_at', 'is not', null)
        .execute(),
    { idempotent: true },
  )
}
