import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import type { Database } from '../../db/schema.ts'
import { AmbiguousCommit, atomically, transaction } from '../../db/transaction.ts'
import { testDatabase } from '../support/database.ts'
import { databaseProxy, type Fault, type Statement } from '../support/database-proxy.ts'

const total = 100
const appId = randomUUID()

/** As the service pays: the key is claimed and the effect written in one commit; a key that is there has its effect. */
const payOnce = (db: Kysely<Database>, key: string, idempotent: boolean) =>
  transaction(
    db,
    async (trx) => {
      const claim = { app_id: appId, subject: 'test', procedure: 'pay', key, request_hash: Buffer.alloc(32) }
      const claimed = await trx
        .insertInto('idempotency')
        .values({ ...claim, resource_id: randomUUID(), created_at: new Date() })
        .onConflict((conflict) => conflict.columns(['app_id', 'subject', 'procedure', 'key']).doNothing())
        .returning('resource_id')
        .execute()
      if (claimed.length > 0) await insertEffect(trx)
    },
    { idempotent },
  )

const insertEffect = (db: Kysely<Database>, object_id = randomUUID()) =>
  db
    .insertInto('event')
    .values({
      object_id,
      sequence: 1n,
      object_type: 'payment',
      app_id: appId,
      type: 'payment.accepted',
      data: '{}',
      created_at: new Date(),
    })
    .onConflict((conflict) => conflict.columns(['object_id', 'sequence']).doNothing())
    .execute()

/** Runs the work 100 times, 8 at once, through a proxy with faults; counts what came of it. */
async function underFaults(
  plan: (statement: Statement) => Fault | undefined,
  work: (db: Kysely<Database>, index: number) => Promise<unknown>,
) {
  await using database = await testDatabase()
  await using proxy = await databaseProxy(database.applicationUrl, plan)
  await using connection = connect(proxy.url, { onQuery: database.onQuery })

  const outcomes = { done: 0, ambiguous: 0 }
  let next = 0
  const worker = async () => {
    while (next < total) {
      const index = next++
      try {
        await work(connection.db, index)
        outcomes.done++
      } catch (error) {
        if (!(error instanceof AmbiguousCommit)) throw error
        outcomes.ambiguous++
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))

  const { effects } = await database.db
    .selectFrom('event')
    .select(({ fn }) => fn.countAll<bigint>().as('effects'))
    .executeTakeFirstOrThrow()
  return { ...outcomes, effects: Number(effects), injected: proxy.injected }
}

const everyFifthCommit =
  (fault: Fault) =>
  ({ isCommit, commits }: Statement) =>
    isCommit && commits % 5 === 0 ? fault : undefined

const exact = { done: total, ambiguous: 0, effects: total }

/** Every seventh insert into the table; the count is the test's own. */
function everySeventhInsert(table: string, fault: Fault) {
  let inserts = 0
  return ({ sql }: Statement) => (sql.startsWith(`insert into "${table}"`) && ++inserts % 7 === 0 ? fault : undefined)
}

test.each<Fault>(['retry', 'ambiguous', 'drop-after', 'drop-before'])(
  'with an idempotency key, %s at COMMIT pays exactly once',
  async (fault) => {
    const result = await underFaults(everyFifthCommit(fault), (db, index) => payOnce(db, `key-${index}`, true))

    expect(result).toMatchObject(exact)
    expect(result.injected[fault]).toBeGreaterThanOrEqual(20)
  },
)

test('without one, a commit that the database refused (40001) is repeated', async () => {
  const result = await underFaults(everyFifthCommit('retry'), (db, index) => payOnce(db, `key-${index}`, false))

  expect(result).toMatchObject(exact)
  expect(result.injected.retry).toBeGreaterThanOrEqual(20)
})

test.each<Fault>(['ambiguous', 'drop-after'])(
  'without one, %s at COMMIT is surfaced as AmbiguousCommit and not repeated',
  async (fault) => {
    const result = await underFaults(everyFifthCommit(fault), (db, index) => payOnce(db, `key-${index}`, false))

    expect(result).toMatchObject({ done: 80, ambiguous: 20, effects: 100 })
    expect(result.injected[fault]).toBe(20)
  },
)

test('without one, a connection lost on the way to COMMIT is surfaced too: from here it looks the same', async () => {
  const result = await underFaults(everyFifthCommit('drop-before'), (db, index) => payOnce(db, `key-${index}`, false))

  expect(result).toMatchObject({ done: 80, ambiguous: 20, effects: 80 })
})

test.each<Fault>(['retry', 'drop-before', 'drop-after'])(
  'before COMMIT nothing can be ambiguous: %s at a statement repeats the whole body',
  async (fault) => {
    const plan = everySeventhInsert('event', fault)
    const result = await underFaults(plan, (db, index) => payOnce(db, `key-${index}`, false))

    expect(result).toMatchObject(exact)
    expect(result.injected[fault]).toBeGreaterThanOrEqual(14)
  },
)

test('a statement of its own that the database refused (40001) is repeated', async () => {
  const plan = everySeventhInsert('event', 'retry')
  const result = await underFaults(plan, (db) => atomically(db, (executor) => insertEffect(executor)))

  expect(result).toMatchObject(exact)
  expect(result.injected.retry).toBeGreaterThanOrEqual(14)
})

test.each<Fault>(['ambiguous', 'drop-after', 'drop-before'])(
  'a statement of its own with an unknown outcome (%s) is surfaced, or repeated when idempotent',
  async (fault) => {
    const ids = Array.from({ length: total }, () => randomUUID())
    const run = (idempotent: boolean) =>
      underFaults(everySeventhInsert('event', fault), (db, index) =>
        atomically(db, (executor) => insertEffect(executor, ids[index]), { idempotent }),
      )

    const surfaced = await run(false)
    expect(surfaced).toMatchObject({ done: 86, ambiguous: 14, effects: fault === 'drop-before' ? 86 : 100 })

    const repeated = await run(true)
    expect(repeated).toMatchObject(exact)
    expect(repeated.injected[fault]).toBeGreaterThanOrEqual(14)
  },
)

test('a lone read that meets others on its rows is asked again', async () => {
  let reads = 0
  const plan = ({ sql }: Statement) => (sql.startsWith('select') && ++reads % 7 === 0 ? 'retry' : undefined)
  const result = await underFaults(plan, (db) =>
    db.selectFrom('event').select('object_id').where('app_id', '=', appId).execute(),
  )

  expect(result).toMatchObject({ done: total, ambiguous: 0 })
  expect(result.injected.retry).toBeGreaterThanOrEqual(14)
})
