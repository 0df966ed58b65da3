import { Kysely } from 'kysely'
import pg from 'pg'
import { LeaseDialect } from './dialect.ts'
import { prepareMarked } from './prepared.ts'
import { observeRetries, type Retry } from './retry.ts'
import type { Database } from './schema.ts'
import { parsersByType } from './types.ts'

/** Times are in milliseconds. */
export interface ConnectOptions {
  /** Shown in the database's list of sessions. */
  applicationName?: string
  maxConnections?: number
  /** How long to wait for a free or a new connection. */
  connectTimeout?: number
  statementTimeout?: number
  lockTimeout?: number
  idleInTransactionTimeout?: number
  /** A connection is renewed after this time, give or take a tenth, so that nodes can be drained and load rebalances. */
  maxLifetime?: number
  /** What a transaction that does not say gets. Ours are all serializable. */
  isolation?: 'serializable' | 'read committed'
  /** Told of connections that break while nobody uses them. */
  onConnectionError?: (error: Error) => void
  onRetry?: (retry: Retry) => void
  /** Told of every statement sent, without its values. Costs a little on each; meant for tests. */
  onQuery?: (sql: string) => void
}

export interface Connection extends AsyncDisposable {
  db: Kysely<Database>
  /** For its gauges: `totalCount`, `idleCount`, `waitingCount`. */
  pool: pg.Pool
  close(): Promise<void>
}

/**
 * A pool of connections to PostgreSQL or CockroachDB. Connects when first used, so that a service can start, and say that it is
 * not ready, while its database is down.
 *
 * `int8` and whole `numeric` values are read as `bigint`, `timestamptz` as `Date`, `date` as text.
 */
export function connect(url: string, options: ConnectOptions = {}): Connection {
  const { onConnectionError = () => {}, onRetry, onQuery, maxLifetime = 15 * 60_000 } = options
  const pool = new pg.Pool(poolConfig(url, options))
  // pg-pool stops listening to a connection while it is lent; without a listener of our own its loss ends the process
  pool.on('connect', (client) => {
    client.on('error', () => {})
    prepareMarked(client)
  })
  pool.on('error', onConnectionError)
  // read by the pool for every new connection: those made together do not end together
  Object.defineProperty(pool.options, 'maxLifetimeSeconds', {
    get: () => Math.ceil((maxLifetime / 1000) * (0.9 + Math.random() / 5)),
  })

  const db = new Kysely<Database>({
    dialect: new LeaseDialect({ pool }),
    ...(onQuery && { log: (event) => onQuery(event.query.sql) }),
  })
  if (onRetry) observeRetries(db, onRetry)
  const close = async () => {
    await db.destroy()
    if (!pool.ending) await pool.end() // Kysely ends only what it has used
  }
  return { db, pool, close, [Symbol.asyncDispose]: close }
}

/** The same settings for a pool that is not ours to make, such as a job queue's. */
export function poolConfig(url: string, options: ConnectOptions = {}): pg.PoolConfig {
  const target = new URL(url)
  const own = target.searchParams.get('options') // CockroachDB Cloud names its cluster there
  target.searchParams.delete('options')
  return {
    connectionString: target.href,
    application_name: options.applicationName ?? 'provider-service',
    // part of the connection's first message: no statement, no round trip
    options: [own, ...sessionSettings(options)].filter(Boolean).join(' '),
    max: options.maxConnections ?? 20,
    connectionTimeoutMillis: options.connectTimeout ?? 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: parsersByType as typeof pg.types.getTypeParser },
  }
}

function sessionSettings(options: ConnectOptions): string[] {
  const settings = {
    default_transaction_isolation: (options.isolation ?? 'serializable').replace(' ', '\\ '),
    statement_timeout: options.statementTimeout ?? 10_000,
    lock_timeout: options.lockTimeout ?? 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeout ?? 10_000,
  }
  return Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
}
