import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { ReportKind } from '../../contract/reports.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { actorOf, type Principal } from '../principal.ts'
import { shardOf } from '../shard.ts'

/** A report that is to be made. */
export interface NewReport {
  id: string
  appId: string
  kinds: readonly ReportKind[]
  from: Date
  to: Date
  /** Null for one that somebody asked for. */
  schedule: string | null
}

/**
 * Writes a report that is to be made, with its audit leaf and event: the row is the work. False, and nothing written: the schedule has
 * one of this period already.
 */
export async function insertReport(
  trx: Kysely<Database>,
  principal: Principal,
  { id, appId, kinds, from, to, schedule }: NewReport,
  at: Date,
): Promise<boolean> {
  const step = nextStep(emptyTrail, {
    object: { type: 'report', id, appId },
    principal,
    type: 'report.requested',
    at,
    data: { from: from.toISOString(), kinds: [...kinds], schedule, to: to.toISOString() },
  })
  const inserted = await trx
    .insertInto('report')
    .values({
      id,
      app_id: appId,
      kinds: [...kinds],
      period_from: from,
      period_to: to,
      schedule,
      state: 'requested',
      requested_by: actorOf(principal),
      created_at: at,
      shard: shardOf(id),
      next_attempt_at: at,
      attempts: 0,
      ...step.head,
    })
    .onConflict((conflict) => conflict.columns(['app_id', 'schedule', 'period_from']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (inserted) await append(trx, step)
  return inserted !== undefined
}
