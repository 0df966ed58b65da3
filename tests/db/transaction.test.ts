import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { startDatabase } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import type { Retry } from '../../db/retry.ts'
import type { Database } from '../../db/schema.ts'
import { AmbiguousCommit, atomically, DatabaseBusy, DatabaseUnavailable, transaction } from '../../db/transaction.ts'
import { until } from '../../db/until.ts'
import { testDatabase } from '../support/database.ts'
import { databaseProxy } from '../support/database-proxy.ts'

const newApp = (name: string) => ({
  id: randomUUID(),
  name,
  created_at: new Date(),
  version: 1n,
  audit_head: Buffer.alloc(32),
})

const countApps = async (db: Kysely<Database>) => {
  const { apps } = await db
    .selectFrom('app')
    .select(({ fn }) => fn.countAll<bigint>().as('apps'))
    .executeTakeFirstOrThrow()
  return Number(apps)
}

test('it commits what the body did, and returns what it returned', async () => {
  await using database = await testDatabase()

  const level = await transaction(database.db, async (trx) => {
    await trx.insertInto('app').values(newApp('committed')).execute()
    const { rows } = await sql<{ level: string }>`select current_setting('transaction_isolation') as level`.execute(trx)
    return rows[0]!.level
  })

  expect(level).toBe('serializable')
  expect(await countApps(database.db)).toBe(1)
})

test("the body's own error is rolled back, passed on as it is, and not tried again", async () => {
  await using database = await testDatabase()
  const refusal = new Error('refused')
  let runs = 0

  const outcome = transaction(database.db, async (trx) => {
    runs++
    await trx.insertInto('app').values(newApp('refused')).execute()
    throw refusal
  })

  await expect(outcome).rejects.toBe(refusal)
  expect(runs).toBe(1)
  expect(await countApps(database.db)).toBe(0)
  expect(database.pool.idleCount).toBe(database.pool.totalCount)
})

test('of two who decide on what they read and write what the other read, one decides again', async () => {
  const retries: Retry[] = []
  await using database = await testDatabase({ onRetry: (retry) => retries.push(retry) })
  // both have read before either writes, in the first round
  let readers = 0
  const addWhenFewerThanTwo = (name: string) =>
    transaction(database.db, async (trx) => {
      const apps = await countApps(trx)
      readers++
      await until(async () => readers >= 2, 5_000, 'the other does not read')
      if (apps < 1) await trx.insertInto('app').values(newApp(name)).execute()
    })

  await Promise.all([addWhenFewerThanTwo('one'), addWhenFewerThanTwo('two')])

  expect(await countApps(database.db)).toBe(1)
  expect(retries).toEqual([expect.objectContaining({ code: '40001', attempt: 1 })])
})

test('100 increments of one row by 8 workers are 100', async () => {
  await using database = await testDatabase()
  const app = newApp('counted')
  await database.db.insertInto('app').values(app).execute()

  let left = 100
  const worker = async () => {
    while (left-- > 0) {
      await transaction(
        database.db,
        async (trx) => {
          const row = trx.selectFrom('app').select('version').where('id', '=', app.id)
          const { version } = await row.executeTakeFirstOrThrow()
          await trx
            .updateTable('app')
            .set({ version: version + 1n })
            .where('id', '=', app.id)
            .execute()
        },
        { maxAttempts: 100 },
      )
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))

  expect(await database.db.selectFrom('app').select('version').execute()).toEqual([{ version: 101n }])
})

test('work that always meets others is given up as DatabaseBusy, with nothing committed', async () => {
  await using database = await testDatabase()
  const retries: Retry[] = []
  await using proxy = await databaseProxy(database.applicationUrl, ({ isCommit }) => (isCommit ? 'retry' : undefined))
  await using connection = connect(proxy.url, { onRetry: (retry) => retries.push(retry) })

  const outcome = transaction(connection.db, (trx) => trx.insertInto('app').values(newApp('busy')).execute(), {
    maxAttempts: 3,
  })

  await expect(outcome).rejects.toBeInstanceOf(DatabaseBusy)
  expect(retries).toEqual([
    { phase: 'commit', code: '40001', attempt: 1 },
    { phase: 'commit', code: '40001', attempt: 2 },
  ])
  expect(await countApps(database.db)).toBe(0)
})

test('a lost race for a key (23505) is tried again only when the caller says so', async () => {
  await using database = await testDatabase()
  const taken = newApp('taken')
  await database.db.insertInto('app').values(taken).execute()
  let runs = 0
  const append = async (db: Kysely<Database>) => {
    const id = runs++ === 0 ? taken.id : randomUUID()
    await db
      .insertInto('app')
      .values({ ...newApp('next'), id })
      .execute()
  }

  await expect(transaction(database.db, append)).rejects.toMatchObject({ code: '23505' })
  expect(runs).toBe(1)

  const retryOn = (error: unknown) => (error as { code?: string }).code === '23505'
  runs = 0
  await transaction(database.db, append, { retryOn })
  expect(runs).toBe(2)
  runs = 0
  await atomically(database.db, append, { retryOn })
  expect(runs).toBe(2)
})

test('a database that is not there is DatabaseUnavailable after three attempts, in about a second', async () => {
  const retries: Retry[] = []
  await using proxy = await databaseProxy('postgres://nobody@127.0.0.1:1/none', () => undefined)
  await using connection = connect(proxy.url, { onRetry: (retry) => retries.push(retry) })
  const started = performance.now()

  await expect(transaction(connection.db, countApps)).rejects.toBeInstanceOf(DatabaseUnavailable)

  expect(performance.now() - started).toBeLessThan(3_000)
  expect(retries.length).toBeGreaterThanOrEqual(2)
  await expect(atomically(connection.db, countApps)).rejects.toBeInstanceOf(DatabaseUnavailable)
})

test('a wrong password is not taken for an absent database', async () => {
  await using database = await testDatabase()
  const url = new URL(database.applicationUrl)
  url.password = 'wrong'
  await using connection = connect(url.href)

  await expect(transaction(connection.db, countApps)).rejects.toMatchObject({ code: '28P01' })
})

test('a statement of its own costs no more statements than itself, a transaction two more', async () => {
  const statements: string[] = []
  await using database = await testDatabase({ onQuery: (text) => statements.push(text) })
  const read = (db: Kysely<Database>) => db.selectFrom('app').select('id').execute()

  await atomically(database.db, read)
  expect(statements).toEqual(['select "id" from "app"'])

  statements.length = 0
  await transaction(database.db, read)
  expect(statements).toEqual(['start transaction isolation level serializable', 'select "id" from "app"', 'commit'])
})

test('every connection has its limits and its isolation, without a statement to set them', async () => {
  const limits = { statementTimeout: 1_234, lockTimeout: 567, idleInTransactionTimeout: 8_901 }
  await using database = await testDatabase({ ...limits, applicationName: 'limits' })

  const { rows } = await sql`
    select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name,
      current_setting('default_transaction_isolation') as isolation`.execute(database.db)

  expect(rows).toEqual([
    { statement: '1234ms', lock: '567ms', idle: '8901ms', name: 'limits', isolation: 'serializable' },
  ])
})

test('options that the URL brings along are kept beside ours', async () => {
  await using database = await testDatabase()
  const url = `${database.applicationUrl}?options=${encodeURIComponent('-c extra_float_digits=2')}`
  await using connection = connect(url, { onQuery: database.onQuery, isolation: 'read committed' })

  const { rows } = await sql`
    select current_setting('extra_float_digits') as digits, current_setting('statement_timeout') as statement,
      current_setting('default_transaction_isolation') as isolation`.execute(connection.db)

  expect(rows).toEqual([{ digits: '2', statement: '10s', isolation: 'read committed' }])
})

test('amounts are read whole as bigint, and a fraction is refused', async () => {
  await using database = await testDatabase()
  const largest = 10n ** 78n - 1n

  const { rows } = await sql`
    select ${largest}::numeric(78, 0) as amount, 9007199254740993::int8 as count, '2026-02-03'::date as day,
      timestamptz '2026-02-03 04:05:06.789Z' as instant`.execute(database.db)

  const instant = new Date('2026-02-03T04:05:06.789Z')
  expect(rows).toEqual([{ amount: largest, count: 9007199254740993n, day: '2026-02-03', instant }])
  await expect(sql`select 1.5::numeric as amount`.execute(database.db)).rejects.toThrow(
    /returned 1\.5 where only whole/,
  )
})

test('connections that break while idle, or while lent, end neither the process nor the work', async () => {
  await using database = await testDatabase()
  await using proxy = await databaseProxy(database.applicationUrl, () => undefined)
  const broken: Error[] = []
  await using connection = connect(proxy.url, { onConnectionError: (error) => broken.push(error) })
  await transaction(connection.db, countApps)

  proxy.breakAll()
  await until(async () => broken.length === 1, 5_000, 'nobody is told of the broken connection')
  let runs = 0
  const apps = await transaction(connection.db, async (trx) => {
    if (runs++ === 0) proxy.breakAll()
    return countApps(trx)
  })

  expect(apps).toBe(0)
  expect(runs).toBe(2)
})

test('a body that idles too long is cut off by the database, and tried again: its COMMIT was never sent', async () => {
  await using database = await testDatabase({ idleInTransactionTimeout: 100 })
  const isGone = async (pid: number) =>
    (await database.pool.query('select pid from pg_stat_activity where pid = $1', [pid])).rows.length === 0
  let runs = 0

  await transaction(database.db, async (trx) => {
    await trx.insertInto('app').values(newApp('idle')).execute()
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
    if (runs++ === 0) await until(() => isGone(rows[0]!.pid), 5_000, 'it is not cut off')
  })

  expect(runs).toBe(2)
  expect(await countApps(database.db)).toBe(1)
})

test('the database is killed and restarted under load: the work goes on and none is lost', async () => {
  const directory = await mkdtemp(join(tmpdir(), `provider-service-tests-${process.pid}-`))
  const start = () => startDatabase({ directory, durable: false })
  const first = await start()
  await migrate(first.ownerUrl, { applicationRole: 'provider_app' })
  await using connection = connect(first.applicationUrl)

  const ids = Array.from({ length: 400 }, () => randomUUID())
  const waiting = [...ids]
  let done = 0
  const insert = (db: Kysely<Database>, id: string) =>
    db
      .insertInto('app')
      .values({ ...newApp('loaded'), id })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  const work = async (id: string, index: number) => {
    const run = index % 2 ? transaction : atomically
    await run(connection.db, (db: Kysely<Database>) => insert(db, id), { idempotent: true })
    done++
  }
  const worker = async () => {
    for (let id = waiting.pop(); id; id = waiting.pop()) {
      // the caller's own retry, with the same key
      for (const key of [id, id, id, id, id, id]) {
        try {
          await work(key, waiting.length)
          break
        } catch (error) {
          if (!(error instanceof DatabaseUnavailable || error instanceof AmbiguousCommit)) throw error
        }
      }
    }
  }
  const load = Promise.all(Array.from({ length: 8 }, worker))
  await until(async () => done > 50, 10_000, 'no load')
  await first.kill()
  const second = await start()
  await load

  expect(done).toBe(ids.length)
  expect(await countApps(connection.db)).toBe(ids.length)
  await connection.close()
  await second.stop()
  await rm(directory, { recursive: true })
})
