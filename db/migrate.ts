import { type Kysely, sql } from 'kysely'
import { type Migration, type MigrationResult, Migrator } from 'kysely/migration'
import { installClock } from './clock-schema.ts'
import { connect } from './connect.ts'
import { grants } from './migrations/grants.ts'
import { migrations } from './migrations/index.ts'
import { codeOf } from './retry.ts'
import type { Database } from './schema.ts'

export interface MigrateOptions {
  /** The role the service runs with; it must exist. Without it nothing is granted. */
  applicationRole?: string
  onQuery?: (sql: string) => void
  /** For tests of this very function. */
  migrations?: typeof migrations
  grants?: typeof grants
}

const own = { migrationTableName: 'migration', migrationLockTableName: 'migration_lease' }

/**
 * Brings the database up to date and grants the application's role what it may do. Safe to repeat, and safe to run from
 * several processes at once: one works, the others wait and find nothing to do.
 *
 * @returns the names of the migrations this call ran
 * @throws Error naming the migration that failed, and what to do about it
 */
export async function migrate(ownerUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  // building an index on a full table takes long
  const patient = { statementTimeout: 0, lockTimeout: 60_000, idleInTransactionTimeout: 0, maxConnections: 2 }
  await using connection = connect(ownerUrl, {
    applicationName: 'provider-migrate',
    onQuery: options.onQuery,
    ...patient,
  })
  const { db } = connection

  await repeatingLostRaces(() => createOwnTables(db))
  const results = await repeatingLostRaces(() => runMigrations(db, options.migrations ?? migrations))
  if (options.applicationRole) {
    const role = options.applicationRole
    await repeatingLostRaces(() => grantTo(db, role, options.grants ?? grants))
  }
  await repeatingLostRaces(() => installClock(db, ownerUrl, options.applicationRole))
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** The migrations this version of the service needs and the database has not had, in order. */
export async function pendingMigrations<DB>(db: Kysely<DB>): Promise<string[]> {
  const done = await sql<{ name: string }>`select name from migration`.execute(db).catch((error) => {
    if (codeOf(error) === '42P01') return { rows: [] } // not migrated at all
    throw error
  })
  const names = new Set(done.rows.map(({ name }) => name))
  return Object.keys(migrations)
    .sort()
    .filter((name) => !names.has(name))
}

/** Kysely's two tables, made here because it would make them with types that CockroachDB reads differently. */
async function createOwnTables(db: Kysely<Database>) {
  await sql`create table if not exists migration (name text primary key, timestamp text not null)`.execute(db)
  await sql`
    create table if not exists migration_lease (
      id text primary key,
      is_locked int4 not null default 0,
      owner uuid,
      held_until timestamptz
    )`.execute(db)
}

async function runMigrations(db: Kysely<Database>, list: typeof migrations): Promise<MigrationResult[]> {
  const provider = { getMigrations: async () => mapValues(list, holdingLease) }
  const { error, results = [] } = await new Migrator({ db, provider, ...own }).migrateToLatest()
  if (!error) return results
  if (isLostRace(error)) throw error
  const failed = results.find(({ status }) => status === 'Error')?.migrationName
  const reason = error instanceof Error ? error.message : String(error)
  const remedy = failed
    ? 'What came before it is in place; mend the cause and migrate again, every migration may be repeated.'
    : 'Nothing was changed; check that the owner role may create tables, then migrate again.'
  throw new Error(`Migration ${failed ?? 'did not start'}: ${reason}. ${remedy}`, { cause: error })
}

/** Whoever was taken for dead meanwhile waits here, and then finds the migration done. */
const holdingLease = ({ up }: Migration): Migration => ({
  up: async (db) => {
    await db.getExecutor().adapter.acquireMigrationLock(db, { lockTable: own.migrationLockTableName, lockRowId: '' })
    await up(db)
  },
})

async function grantTo(db: Kysely<Database>, role: string, list: typeof grants) {
  const application = sql.id(role)
  await sql`grant usage on schema public to ${application}`.execute(db)
  await sql`grant select on migration to ${application}`.execute(db)
  for (const privilege of ['select', 'insert', 'update', 'delete'] as const) {
    const [granted, denied] = partition(Object.keys(list), (table) => list[table]!.includes(privilege))
    const tables = (names: string[]) => sql.join(names.map((name) => sql.table(name)))
    const verb = sql.raw(privilege)
    if (granted.length > 0) await sql`grant ${verb} on table ${tables(granted)} to ${application}`.execute(db)
    if (denied.length > 0) await sql`revoke ${verb} on table ${tables(denied)} from ${application}`.execute(db)
  }
}

const mapValues = <Value, Result>(record: Record<string, Value>, map: (value: Value) => Result) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

const partition = <Item>(items: Item[], test: (item: Item) => boolean): [Item[], Item[]] => [
  items.filter(test),
  items.filter((item) => !test(item)),
]

// Two who create the same table at once: "if not exists" does not spare PostgreSQL's catalogue a collision.
const lostRaces = new Set(['40001', '40P01', '23505', '42P07', '42710', 'XX000'])
const isLostRace = (error: unknown) => lostRaces.has(codeOf(error))

async function repeatingLostRaces<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isLostRace(error) || attempt === 10) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
    }
  }
}
