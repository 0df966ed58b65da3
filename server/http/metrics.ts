import type { RequestHandler } from 'express'
import type { Pool } from 'pg'
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
  const [payments, transactions, dueTransactions, dueWebhooks] = await Promise.all([
    db
      .selectFrom('payment')
      .select(['state', (of) => of.fn.countAll<bigint>().as('count')])
      .where('state', 'in', ['held', 'accepted', 'submitted', 'attention'])
      .groupBy('state')
      .execute(),
    db
      .selectFrom('transaction')
      .select(['state', (of) => of.fn.min('created_at').as('oldest')])
      .where('next_attempt_at', 'is not', null)
      .where('state', 'in', ['queued', 'submitting', 'submitted', 'attention'])
      .groupBy('state')
      .execute(),
    db
      .selectFrom('transaction')
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('next_attempt_at', '<=', now)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('webhook_inbox')
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('next_attempt_at', '<=', now)
      .executeTakeFirstOrThrow(),
  ])
  metrics.paymentsByState.reset()
  for (const state of ['held', 'accepted', 'submitted', 'attention']) metrics.paymentsByState.set({ state }, 0)
  for (const { state, count } of payments) metrics.paymentsByState.set({ state }, Number(count))
  metrics.oldestTransaction.reset()
  for (const { state, oldest } of transactions)
    metrics.oldestTransaction.set({ state }, (now.getTime() - oldest.getTime()) / 1000)
  metrics.queueDepth.set({ queue: 'transactions' }, Number(dueTransactions.count))
  metrics.queueDepth.set({ queue: 'inbox' }, Number(dueWebhooks.count))
}
