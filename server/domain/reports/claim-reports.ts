import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/** Milliseconds that a claim holds: a report of a large month takes minutes. */
const CLAIM = 10 * 60_000

/** A report that is claimed to be made. */
export interface ClaimedReport {
  id: string
  attempts: number
}

/** Claims due reports of a shard, as transactions are claimed. */
export function claimReports({ db, clock }: Services, shard: number, limit: number): Promise<ClaimedReport[]> {
  const now = clock.now()
  return atomically(
    db,
    (one) =>
      one
        .updateTable('report')
        .set((row) => ({ next_attempt_at: new Date(now.getTime() + CLAIM), attempts: row('attempts', '+', 1) }))
        .where('id', 'in', (due) =>
          due
            .selectFrom('report')
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

/** Gives a report back that could not be made now. */
export async function postponeReport({ db, clock }: Services, { id, attempts }: ClaimedReport): Promise<void> {
  const due = new Date(clock.now().getTime() + Math.min(300_000, 1_000 * 2 ** Math.min(attempts, 12)))
  await atomically(
    db,
    (one) =>
      one
        .updateTable('report')
        .set({ next_attempt_at: due })
        .where('id', '=', id)
        .where('next_attempt_at', 'is not', null)
        .execute(),
    { idempotent: true },
  )
}
