import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the service tells Prometheus. Labels are closed sets: no id, no address, no text of a caller. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    procedureSeconds: new Histogram({
      name: 'procedure_duration_seconds',
      help: 'Duration of procedures by path and error code (OK for success)',
      labelNames: ['path', 'code'],
      buckets: latencyBuckets,
      registers,
    }),
    providerSeconds: new Histogram({
      name: 'provider_duration_seconds',
      help: 'Duration of calls to the wallet provider by operation and outcome',
      labelNames: ['operation', 'outcome'],
      buckets: latencyBuckets,
      registers,
    }),
    settleSeconds: new Histogram({
      name: 'payment_settle_seconds',
      help: 'From acceptance of a payment to its settlement',
      buckets: [0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800],
      registers,
    }),
    laneEvents: new Counter({
      name: 'local_signer_events_total',
      help: 'What happened on the lanes of the local signer, by chain and kind',
      labelNames: ['chain', 'type'],
      registers,
    }),
    transitions: new Counter({
      name: 'transaction_transitions_total',
      help: 'Transactions that came to a state',
      labelNames: ['to'],
      registers,
    }),
    purchases: new Counter({
      name: 'purchase_transitions_total',
      help: 'Purchases of paid APIs that came to a state',
      labelNames: ['to'],
      registers,
    }),
    databaseRetries: new Counter({
      name: 'database_retries_total',
      help: 'Database transactions run again, by phase and SQLSTATE',
      labelNames: ['phase', 'code'],
      registers,
    }),
    webhooks: new Counter({
      name: 'webhooks_total',
      help: 'Webhooks received by provider and outcome',
      labelNames: ['provider', 'outcome'],
      registers,
    }),
    deliveries: new Counter({
      name: 'webhook_deliveries_total',
      help: 'Tries to tell an endpoint of an event, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'webhook_delivery_seconds',
      help: 'From an event to its delivery, of those that were delivered at the first try',
      buckets: latencyBuckets,
      registers,
    }),
    webhooksDead: new Gauge({
      name: 'webhooks_dead',
      help: 'Webhooks that came in and could not be processed, which wait for an operator',
      registers,
    }),
    unsealableCookies: new Counter({
      name: 'session_cookies_unsealable_total',
      help: 'Session cookies that could not be opened, by reason; many with unknown-password are a broken rotation',
      labelNames: ['reason'],
      registers,
    }),
    workerFailures: new Counter({
      name: 'worker_failures_total',
      help: 'Attempts on a row that ended with an error',
      labelNames: ['queue'],
      registers,
    }),
    sealedLeaves: new Counter({
      name: 'audit_leaves_sealed_total',
      help: 'Leaves of the audit trail that this instance gave their places in the log',
      registers,
    }),
    exportedCheckpoints: new Counter({
      name: 'audit_checkpoints_exported_total',
      help: 'Checkpoints of the audit log that this instance handed to a place outside of the database',
      registers,
    }),
    oldestUnsealed: new Gauge({
      name: 'audit_unsealed_oldest_seconds',
      help: 'Age of the oldest leaf of the audit trail that has no place in the log yet',
      registers,
    }),
    oldestUnplaced: new Gauge({
      name: 'events_unplaced_oldest_seconds',
      help: 'Age of the oldest event that has no place in the feed of its app yet, and is told to nobody until then',
      registers,
    }),
    paymentsByState: new Gauge({
      name: 'payments',
      help: 'Payments that are not finished, by state',
      labelNames: ['state'],
      registers,
    }),
    oldestTransaction: new Gauge({
      name: 'transaction_oldest_seconds',
      help: 'Age of the oldest transaction that is not finished, by state',
      labelNames: ['state'],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'queue_due',
      help: 'Rows that are due and wait for a worker',
      labelNames: ['queue'],
      registers,
    }),
    openStreams: new Gauge({
      name: 'event_streams_open',
      help: 'Streams of live events that are open in this instance',
      registers,
    }),
    databaseConnections: new Gauge({
      name: 'database_connections',
      help: 'Connections of the pool by use',
      labelNames: ['use'],
      registers,
    }),
    up: new Gauge({
      name: 'dependency_up',
      help: '1 while a dependency answers',
      labelNames: ['dependency'],
      registers,
    }),
  }
}
