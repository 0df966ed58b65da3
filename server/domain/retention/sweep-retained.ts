import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { type SqlBool, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { expireReports } from '../reports/expire-reports.ts'
import type { RetentionPeriods } from './classes.ts'
import { isHeld, isHeldWebhook } from './held.ts'

/** What is deleted by its age. Each deletes at most so many of the rows that are from before a moment and not under hold, and answers how many. */
const sweeps: Record<
  keyof RetentionPeriods,
  { most: number; lot(trx: Kysely<Database>, before: Date, most: number, now: Date): Promise<number> }
> = {
  webhooks: { most: 1_000, lot: deleteWebhooks },
  deliveries: { most: 1_000, lot: deleteDeliveries },
  sessions: { most: 1_000, lot: deleteSessions },
  reports: { most: 20, lot: expireReports },
  answers: { most: 100, lot: deleteAnswers },
}

const DAY = 86_400_000

/**
 * Deletes what has been kept for its time and is not under hold, lot by lot; how many of what is written beside it, in the same commit.
 *
 * @returns how many of each
 */
export async function sweepRetained(
  { db, clock, log }: Pick<Services, 'db' | 'clock' | 'log'>,
  periods: RetentionPeriods,
): Promise<Record<keyof RetentionPeriods, number>> {
  const swept = { webhooks: 0, deliveries: 0, sessions: 0, reports: 0, answers: 0 }
  for (const name of Object.keys(sweeps) as (keyof RetentionPeriods)[]) {
    const { most, lot } = sweeps[name]
    for (let deleted = most; deleted === most; ) {
      const now = clock.now()
      const before = new Date(now.getTime() - periods[name] * DAY)
      deleted = await transaction(
        db,
        async (trx) => {
          const count = await lot(trx, before, most, now)
          if (count > 0)
            await trx
              .insertInto('disposal')
              .values({ id: randomUUID(), class: name, before, deleted: count, created_at: now })
              .execute()
          return count
        },
        { idempotent: true },
      )
      swept[name] += deleted
    }
  }
  log.info(swept, 'what was kept for its time is deleted')
  return swept
}

async function deleteWebhooks(trx: Kysely<Database>, before: Date, most: number): Promise<number> {
  const rows = await trx
    .deleteFrom('webhook_inbox')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('provider', 'event_id'),
        'in',
        selectFrom('webhook_inbox')
          .select(['provider', 'event_id'])
          .where('processed_at', '<', before)
          .where(({ not }) => not(sql<SqlBool>`(${isHeldWebhook})`))
          .limit(most)
          .$asTuple('provider', 'event_id'),
      ),
    )
    .returning('event_id')
    .execute()
  return rows.length
}

async function deleteDeliveries(trx: Kysely<Database>, before: Date, most: number): Promise<number> {
  const rows = await trx
    .deleteFrom('delivery')
    .where('id', 'in', (old) =>
      // endpoint by endpoint: no index may begin with the time
      old
        .selectFrom('endpoint')
        .crossJoinLateral((its) =>
          its
            .selectFrom('delivery')
            .select('delivery.id')
            .whereRef('delivery.endpoint_id', '=', 'endpoint.id')
            .where('delivery.ended_at', 'is not', null)
            .where('delivery.ended_at', '<', before)
            .where(({ not }) => not(isHeld('delivery.app_id', 'delivery.object_id')))
            .limit(most)
            .as('ended'),
        )
        .select('ended.id')
        .limit(most),
    )
    .returning('id')
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await trx.deleteFrom('delivery_attempt').where('delivery_id', 'in', ids).execute()
  return ids.length
}

async function deleteAnswers(trx: Kysely<Database>, before: Date, most: number): Promise<number> {
  const rows = await trx
    .deleteFrom('purchase_answer')
    .where('purchase_id', 'in', (old) =>
      old
        .selectFrom('purchase_answer')
        .innerJoin('purchase', 'purchase.id', 'purchase_answer.purchase_id')
        .select('purchase_answer.purchase_id')
        .where('purchase_answer.created_at', '<', before)
        .where('purchase.next_attempt_at', 'is', null)
        .where(({ not }) => not(isHeld('purchase.app_id')))
        .limit(most),
    )
    .returning('purchase_id')
    .execute()
  return rows.length
}

async function deleteSessions(trx: Kysely<Database>, before: Date, most: number): Promise<number> {
  const rows = await trx
    .deleteFrom('session')
    .where('id', 'in', (old) =>
      old
        .selectFrom('session')
        .select('id')
        .where(({ or, eb }) => or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
        .where(({ not }) => not(isHeld('session.app_id', 'session.user_id')))
        .limit(most),
    )
    .returning('id')
    .execute()
  return rows.length
}
