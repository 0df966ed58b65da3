import type { RequestHandler } from 'express'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import type { PaymentState } from '../contract/entities.ts'
import { paymentStateOf } from '../domain/transactions/states.ts'
import type { Services } from '../services.ts'

/** `GET /metrics` for Prometheus. The gauges of work are read from the database at each scrape; counters go on without it. */
export function metrics(services: Services, pool: Pool): RequestHandler {
  return async (_request, response) => {
    await readGauges(services).catch((error) => services.log.warn({ err: error }, 'gauges could not be read'))
    const connections = services.metrics.databaseConnections
    connections.set({ use: 'open' }, pool.totalCount)
    connections.set({ use: 'idle' }, pool.idleCount)
    connections.set({ use: 'waited_for' }, pool.waitingCount)
    response.type(services.metrics.registry.contentType).send(await services.metrics.registry.metrics())
  }
}

async function readGauges({ db, clock, metrics }: Services): Promise<void> {
  const now = clock.now()
  const due = (table: keyof typeof queues) =>
    db
      .selectFrom(table)
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('next_attempt_at', '<=', now)
      .executeTakeFirstOrThrow()
  const tables = Object.keys(queues) as (keyof typeof queues)[]
  const [unfinished, open, dead, unsealed, unplaced, ...depths] = await Promise.all([
    db
      .selectFrom('transaction')
      .select(['state', (of) => of.fn.countAll<bigint>().as('count')])
      // payers who sign themselves may take their time
      .select((of) => of.fn.min<Date | null>('created_at').filterWhere('provider', '<>', 'external').as('oldest'))
      .where('next_attempt_at', 'is not', null)
      .where('state', 'in', ['queued', 'submitting', 'submitted', 'attention'])
      .groupBy('state')
      .execute(),
    db
      .selectFrom('review')
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('next_attempt_at', 'is not', null)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('webhook_inbox')
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('state', '=', 'dead')
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('audit_unsealed')
      .select(sql<number | null>`extract(epoch from now() - min(recorded_at))::float8`.as('age'))
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('event_unplaced')
      .select(sql<number | null>`extract(epoch from now() - min(recorded_at))::float8`.as('age'))
      .executeTakeFirstOrThrow(),
    ...tables.map(due),
  ])
  const payments: Partial<Record<PaymentState, number>> = {
    held: Number(open.count),
    accepted: 0,
    submitted: 0,
    attention: 0,
  }
  metrics.oldestTransaction.reset()
  for (const { state, count, oldest } of unfinished) {
    payments[paymentStateOf[state]] = (payments[paymentStateOf[state]] ?? 0) + Number(count)
    if (oldest) metrics.oldestTransaction.set({ state }, (now.getTime() - oldest.getTime()) / 1000)
  }
  for (const [state, count] of Object.entries(payments)) metrics.paymentsByState.set({ state }, count)
  metrics.webhooksDead.set(Number(dead.count))
  metrics.oldestUnsealed.set(unsealed.age ?? 0)
  metrics.oldestUnplaced.set(unplaced.age ?? 0)
  for (const [index, table] of tables.entries())
    metrics.queueDepth.set({ queue: queues[table] }, Number(depths[index]!.count))
}

/** Tables whose rows are work, and what their queues are called. */
const queues = {
  approval: 'approvals',
  delivery: 'deliveries',
  review: 'reviews',
  transaction: 'transactions',
  webhook_inbox: 'inbox',
} as const
