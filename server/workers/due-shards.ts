import type { Undecided } from '../domain/deadlines.ts'
import type { Services } from '../services.ts'

/** The shards of a work table that have a due row. */
export async function dueShards(
  { db, clock }: Services,
  table: 'transaction' | 'webhook_inbox' | 'report' | 'purchase' | Undecided,
): Promise<number[]> {
  const rows = await db
    .selectFrom(table)
    .select('shard')
    .distinct()
    .where('next_attempt_at', '<=', clock.now())
    .execute()
  return rows.map(({ shard }) => shard)
}
