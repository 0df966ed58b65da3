import { type Kysely, sql } from 'kysely'
import { poolConfig } from './connect.ts'
import { databaseKind } from './dialect.ts'
import type { Database } from './schema.ts'

/** Where pg-boss keeps its tables, beside ours. */
export const CLOCK_SCHEMA = 'pgboss'

/** What the clock does, each as a queue of pg-boss. */
export const clockWork = ['reports', 'retention'] as const

/**
 * What pg-boss connects with: a small pool of its own, in READ COMMITTED, for it does not repeat what a serializable transaction gives
 * up; and our readers of types left out, for it has its own.
 */
export function clockConnection(url: string) {
  const { connectionString, options } = poolConfig(url, { isolation: 'read committed' })
  return { connectionString, options, application_name: 'provider-clock', schema: CLOCK_SCHEMA, max: 2 } as const
}

/** Which of its ways pg-boss is to take with this database. */
export const clockBackend = async (db: Kysely<Database>): Promise<'postgres' | 'cockroachdb'> =>
  (await databaseKind(db)) === 'cockroachdb' ? 'cockroachdb' : 'postgres'

/**
 * Makes pg-boss's tables or brings them up to date, and grants the application's role to read and write them: it cannot alter these
 * either. Safe to repeat.
 */
export async function installClock(db: Kysely<Database>, ownerUrl: string, role: string | undefined): Promise<void> {
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    ...clockConnection(ownerUrl),
    backend: await clockBackend(db),
    supervise: false,
    schedule: false,
  })
  const errors: unknown[] = []
  boss.on('error', (error) => errors.push(error))
  try {
    await boss.start()
    for (const name of clockWork) await boss.createQueue(name, { policy: 'stately', retryLimit: 5, retryBackoff: true })
  } finally {
    await boss.stop({ graceful: false, close: true })
  }
  if (errors.length > 0) throw errors[0]
  if (!role) return
  const [schema, application] = [sql.id(CLOCK_SCHEMA), sql.id(role)]
  await sql`grant usage on schema ${schema} to ${application}`.execute(db)
  await sql`grant select, insert, update, delete on all tables in schema ${schema} to ${application}`.execute(db)
}
