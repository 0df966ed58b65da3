import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Driver, type Kysely, PostgresAdapter, PostgresDialect, type PostgresDialectConfig, sql } from 'kysely'
import { RereadingDriver } from './driver.ts'
import { codeOf } from './retry.ts'

/** Which of the two databases this is. What differs between them is for whoever asks; our SQL runs on both. */
export async function databaseKind<DB>(db: Kysely<DB>): Promise<'postgres' | 'cockroachdb'> {
  const { rows } = await sql<{ version: string }>`select version()`.execute(db)
  return rows[0]!.version.startsWith('CockroachDB') ? 'cockroachdb' : 'postgres'
}

/** How long a migrator holds the lease before others take it for dead. Renewed before every migration. */
const leaseMinutes = 5

/**
 * PostgreSQL's dialect without what CockroachDB lacks: no advisory lock guards the migrations but a row with an expiry, and DDL
 * does not run in a transaction. Used on both, so that what is tested on one is what runs on the other.
 */
export class LeaseDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new RereadingDriver(this.#config)
  }

  override createAdapter(): LeaseAdapter {
    return new LeaseAdapter()
  }
}

class LeaseAdapter extends PostgresAdapter {
  readonly #owner = randomUUID()

  override get supportsTransactionalDdl(): boolean {
    return false
  }

  override async acquireMigrationLock(db: Kysely<never>): Promise<void> {
    const deadline = Date.now() + (leaseMinutes + 1) * 60_000
    while (!(await this.#claim(db))) {
      if (Date.now() > deadline)
        throw new Error('Another migration has held `migration_lease` too long: see whether it still runs.')
      await sleep(100)
    }
  }

  async #claim(db: Kysely<never>): Promise<boolean> {
    try {
      const { rows } = await sql`
        update migration_lease
        set owner = ${this.#owner}, held_until = now() + ${`${leaseMinutes} minutes`}::interval
        where id = 'migration_lock' and (owner is null or owner = ${this.#owner} or held_until < now())
        returning id`.execute(db)
      return rows.length > 0
    } catch (error) {
      if (codeOf(error) === '40001') return false
      throw error
    }
  }

  override async releaseMigrationLock(db: Kysely<never>): Promise<void> {
    await sql`update migration_lease set owner = null where owner = ${this.#owner}`.execute(db)
  }
}
