import type { ApprovalRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'

/** An approval whose time is over, claimed to be ended. */
export type ExpiredApproval = Pick<ApprovalRow, 'id' | 'attempts'>

/** Claims approvals of a shard whose time is over, as transactions are claimed. */
export function claimExpired(services: Services, shard: number, limit: number): Promise<ExpiredApproval[]> {
  const now = services.clock.now()
  return atomically(
    services.db,
    (db) =>
      db
        .updateTable('approval')
        .set((row) => ({
          next_attempt_at: new Date(now.getTime() + services.patience.lease),
          attempts: row('attempts', '+', 1),
        }))
        .where('id', 'in', (due) =>
          due
            .selectFrom('approval')
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

/** Gives an approval back that could not be ended. */
export async function postponeExpired(services: Services, { id, attempts }: ExpiredApproval): Promise<void> {
  const wait = Math.min(300_000, 1_000 * 2 ** Math.min(attempts, 12))
  const due = new Date(services.clock.now().getTime() + wait)
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('approval')
        .set({ next_attempt_at: due })
        .where('id', '=', id)
        .where('state', '=', 'requested')
        .execute(),
    { idempotent: true },
  )
}
