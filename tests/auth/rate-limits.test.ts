import { describe, expect, test, vi } from 'vitest'
import { type ConnectOptions, connect } from '../../db/connect.ts'
import { DatabaseUnavailable } from '../../db/transaction.ts'
import { until } from '../../db/until.ts'
import {
  defaultLimits,
  type Limit,
  type LimitSize,
  type RateLimits,
  rateLimits,
  sweepRateLimits,
} from '../../server/auth/rate-limits.ts'
import { DomainError } from '../../server/domain/domain-error.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { databaseProxy, type Fault } from '../support/database-proxy.ts'

const minute = 60
const limits: Record<Limit, LimitSize> = {
  signIn: { points: 7, seconds: minute },
  money: { points: 155, seconds: minute }, // in lots of 3, of which the last reaches over the limit
  write: { points: 5, seconds: minute },
  read: { points: 9, seconds: minute },
}
const all = Object.keys(limits) as Limit[]

const moneyOf = (points: number, seconds = minute) => ({ ...limits, money: { points, seconds } })

/** One instance of the service, with a pool of its own; `statements` are those it sent. */
function instance(
  database: TestDatabase,
  own: Record<Limit, LimitSize> = limits,
  { url = database.applicationUrl, ...options }: ConnectOptions & { url?: string } = {},
) {
  const statements: string[] = []
  const failures: unknown[] = []
  const onQuery = (sql: string) => {
    statements.push(sql)
    database.onQuery(sql)
  }
  const connection = connect(url, { onQuery, ...options })
  return {
    limits: rateLimits(connection.db, { limits: own, secret: 's', onStoreFailure: (error) => failures.push(error) }),
    statements,
    failures,
    [Symbol.asyncDispose]: connection.close,
  }
}

/** True when the call was let through, else what it was refused with. */
const call = (limits: RateLimits, limit: Limit, caller: string): Promise<true | DomainError> =>
  limits.consume(limit, caller).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error
      expect(error).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: expect.any(Number) } })
      return error
    },
  )

/** How many of so many calls, one after the other, are let through. */
async function passing(limits: RateLimits, limit: Limit, caller: string, calls: number): Promise<number> {
  let passed = 0
  for (let count = 0; count < calls; count++) if ((await call(limits, limit, caller)) === true) passed++
  return passed
}

const burst = async (limits: RateLimits, limit: Limit, caller: string, calls: number): Promise<number> => {
  const outcomes = await Promise.all(Array.from({ length: calls }, () => call(limits, limit, caller)))
  return outcomes.filter((outcome) => outcome === true).length
}

test.each(all)('%s: a caller has exactly its limit, and takes nothing from another caller or limit', async (limit) => {
  await using database = await testDatabase()
  await using one = instance(database)
  const { points } = limits[limit]

  expect(await passing(one.limits, limit, 'user:ada', points + 10)).toBe(points)
  expect(await passing(one.limits, limit, 'user:grace', points + 1)).toBe(points)
  for (const other of all.filter((other) => other !== limit))
    expect(await passing(one.limits, other, 'user:ada', limits[other].points + 1)).toBe(limits[other].points)
  expect(one.failures).toEqual([])
})

test('the server of an app speaks for a thousand people, unless told otherwise', async () => {
  await using database = await testDatabase()
  await using one = instance(database)
  expect(await burst(one.limits, 'write', 'app:shop', 5_010)).toBe(5_000)
  expect(await burst(one.limits, 'signIn', 'app:shop', 7_010)).toBe(7_000)

  const few = rateLimits(database.db, { limits, secret: 's', peoplePerApp: 2 })
  expect(await passing(few, 'money', 'app:other', 320)).toBe(310)
  expect(await passing(few, 'money', 'user:ada', 320)).toBe(155)
})

test.each([100, 155, 500])('two instances share a limit of %i for money, less two lots at most', async (points) => {
  await using database = await testDatabase()
  await using one = instance(database, moneyOf(points))
  await using two = instance(database, moneyOf(points))

  const passed = await Promise.all(
    [one, two].flatMap(({ limits }) => [
      burst(limits, 'money', 'user:ada', points),
      passing(limits, 'money', 'user:ada', points),
    ]),
  )
  const sum = passed.reduce((total, count) => total + count)
  expect(sum).toBeLessThanOrEqual(points)
  expect(sum).toBeGreaterThanOrEqual(points - 2 * Math.floor(points / 50))
  // nobody was let through for want of a database
  expect([...one.failures, ...two.failures]).toEqual([])
})

test('what one instance let through, another refuses', async () => {
  await using database = await testDatabase()
  await using one = instance(database)
  await using two = instance(database)
  expect(await passing(one.limits, 'signIn', 'ip:192.0.2.7', 7)).toBe(7)
  expect(await passing(two.limits, 'signIn', 'ip:192.0.2.7', 7)).toBe(0)
  const keys = (await database.db.selectFrom('rate_limit').select('key').execute()).map(({ key }) => key)
  expect(keys).toContainEqual(expect.stringMatching(/^signIn:ip:[0-9a-f]{32}$/))
  expect(keys.join()).not.toContain('192.0.2')
})

describe('a burst of two hundred on one caller', () => {
  test('passes up to the limit, and asks the database once for each lot', async () => {
    await using database = await testDatabase()
    await using one = instance(database, moneyOf(100))
    expect(await burst(one.limits, 'money', 'user:ada', 200)).toBe(100)
    expect(one.statements).toHaveLength(100 / 2)
  })

  test('draws one lot together when a lot is enough for all', async () => {
    await using database = await testDatabase()
    await using one = instance(database, moneyOf(10_000))
    expect(await burst(one.limits, 'money', 'user:ada', 200)).toBe(200)
    expect(one.statements).toHaveLength(1)
  })
})

test('a thousand calls under a limit of 50,000 are one statement, and the next is another', async () => {
  await using database = await testDatabase()
  await using one = instance(database, moneyOf(50_000))
  expect(await passing(one.limits, 'money', 'user:ada', 1_000)).toBe(1_000)
  expect(one.statements).toHaveLength(1)
  expect(await call(one.limits, 'money', 'user:ada')).toBe(true)
  expect(one.statements).toHaveLength(2)
})

test.each<Limit>(['signIn', 'money'])('%s: who was refused is refused without asking the database', async (limit) => {
  await using database = await testDatabase()
  await using one = instance(database)
  expect(await call(one.limits, limit, 'user:ada')).toBe(true)
  await burst(one.limits, limit, 'user:ada', limits[limit].points)
  const asked = one.statements.length
  expect(await passing(one.limits, limit, 'user:ada', 100)).toBe(0)
  expect(one.statements).toHaveLength(asked)
})

test.each<Limit>(['write', 'read'])('%s: no call touches the database', async (limit) => {
  await using database = await testDatabase()
  await using one = instance(database)
  expect(await passing(one.limits, limit, 'user:ada', 20)).toBe(limits[limit].points)
  expect(one.statements).toEqual([])
})

test.each(all)('%s: the end of the window frees, to exactly the limit again', async (limit) => {
  await using database = await testDatabase()
  const short = { points: 20, seconds: 1 }
  await using one = instance(database, { ...limits, [limit]: short })

  const began = Date.now()
  expect(await burst(one.limits, limit, 'user:ada', 30)).toBe(20)
  expect(Date.now() - began).toBeLessThan(1_000)
  await until(async () => (await call(one.limits, limit, 'user:ada')) === true, 10_000, 'nothing frees the caller')
  expect(Date.now() - began).toBeGreaterThanOrEqual(1_000)
  expect(await burst(one.limits, limit, 'user:ada', 30)).toBe(19)
})

test('the rest of a lot ends with its window', async () => {
  await using database = await testDatabase()
  await using one = instance(database, moneyOf(50_000, 1))
  await one.limits.consume('money', 'user:ada')
  expect(one.statements).toHaveLength(1)

  const { rows } = await database.pool.query<{ expire: bigint }>('select expire from rate_limit')
  await until(async () => BigInt(Date.now()) > rows[0]!.expire, 5_000, 'the window does not end')
  await one.limits.consume('money', 'user:ada')
  expect(one.statements).toHaveLength(2)
})

describe('what a refused caller is told', () => {
  test.each(all)('%s: how many whole seconds to wait, and what to do', async (limit) => {
    await using database = await testDatabase()
    for (const [seconds, least] of [
      [1, 1],
      [90, 80],
    ] as const) {
      await using one = instance(database, { ...limits, [limit]: { points: 1, seconds } })
      const caller = `user:${limit}-${seconds}`
      await one.limits.consume(limit, caller)
      // first by the counter, then from memory
      for (const refusal of [await call(one.limits, limit, caller), await call(one.limits, limit, caller)]) {
        if (refusal === true) return expect.unreachable()
        const wait = refusal.details?.retryAfterSeconds as number
        expect(Number.isInteger(wait)).toBe(true)
        expect(wait).toBeGreaterThanOrEqual(least)
        expect(wait).toBeLessThanOrEqual(seconds)
        expect(refusal.message).toContain(wait === 1 ? 'Wait 1 second, then' : `Wait ${wait} seconds, then`)
      }
    }
  })
})

describe('when the database is down', () => {
  const nowhere = 'postgres://app:none@127.0.0.1:9/none'

  test.each(all)('%s: the limit holds on each instance, and nobody meets another error', async (limit) => {
    await using database = await testDatabase()
    await using one = instance(database, limits, { url: nowhere })
    expect(await passing(one.limits, limit, 'user:ada', limits[limit].points + 5)).toBe(limits[limit].points)
    expect(await burst(one.limits, limit, 'user:grace', limits[limit].points + 5)).toBe(limits[limit].points)
    const isShared = limit === 'signIn' || limit === 'money'
    expect(one.failures).toEqual(isShared ? [expect.any(DatabaseUnavailable)] : [])
  })

  test('it is told, left alone for a while, and counts again when it is back', async () => {
    await using database = await testDatabase()
    let down = true
    await using proxy = await databaseProxy(database.applicationUrl, () => (down ? 'drop-before' : undefined))
    await using one = instance(database, limits, { url: proxy.url })

    expect(await call(one.limits, 'signIn', 'user:ada')).toBe(true)
    expect(one.failures).toHaveLength(1)
    const asked = one.statements.length
    expect(await passing(one.limits, 'signIn', 'user:grace', 10)).toBe(7)
    expect(one.statements).toHaveLength(asked)

    down = false
    const now = performance.now.bind(performance)
    using _later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 5_000)
    expect(await passing(one.limits, 'signIn', 'user:grace', 10)).toBe(7)
    expect(one.failures).toHaveLength(1)
    await using other = instance(database)
    expect(await call(other.limits, 'signIn', 'user:grace')).not.toBe(true)
  })
})

test.each<Fault>(['retry', 'ambiguous', 'drop-after', 'drop-before'])(
  'a count disturbed by %j is repeated: early at most, never late',
  async (fault) => {
    await using database = await testDatabase()
    let inserts = 0
    await using proxy = await databaseProxy(database.applicationUrl, ({ sql }) =>
      /insert into "rate_limit"/i.test(sql) && ++inserts % 7 === 0 ? fault : undefined,
    )
    await using one = instance(database, moneyOf(200), { url: proxy.url })

    const passed = await passing(one.limits, 'money', 'user:ada', 210)
    const countedTwice = fault === 'ambiguous' || fault === 'drop-after' ? proxy.injected[fault] : 0
    expect(proxy.injected[fault]).toBeGreaterThan(0)
    expect(passed).toBe(200 - countedTwice * 4)
    expect(one.failures).toEqual([])
  },
)

describe('the sweep', () => {
  const past = Date.now() - minute * 1_000
  const row = (key: string, expire: number) => ({ key, points: 1, expire: BigInt(expire) })

  test('deletes what has ended and leaves what counts', async () => {
    await using database = await testDatabase()
    const { db } = database
    const now = new Date()
    await db
      .insertInto('rate_limit')
      .values([
        row('money:user:past', past),
        row('money:user:now', now.getTime()),
        row('money:user:next', now.getTime() + 1),
      ])
      .execute()
    await rateLimits(db, { limits: defaultLimits, secret: 's' }).consume('money', 'user:ada')

    expect(await sweepRateLimits(db, now, 5_000)).toBe(2)
    expect(await sweepRateLimits(db, now, 5_000)).toBe(0)
    expect(await db.selectFrom('rate_limit').select('key').orderBy('key').execute()).toEqual([
      { key: 'money:user:ada' },
      { key: 'money:user:next' },
    ])
  })

  test('deletes some thousands at a time, while callers are counted', async () => {
    await using database = await testDatabase()
    await using one = instance(database)
    const rows = Array.from({ length: 6_000 }, (_, index) => row(`signIn:ip:${index}`, past))
    await database.db.insertInto('rate_limit').values(rows).execute()

    const [swept, swiftly, ...passed] = await Promise.all([
      sweepRateLimits(database.db, new Date(), 5_000),
      sweepRateLimits(database.db, new Date(), 5_000),
      ...Array.from({ length: 50 }, (_, index) => passing(one.limits, 'signIn', `ip:${index}`, 10)),
    ])
    expect(Math.max(swept, swiftly)).toBeLessThanOrEqual(5_000)
    // those who called again meanwhile have a window of now, which nothing sweeps
    expect(passed).toEqual(Array.from({ length: 50 }, () => 7))
    await until(async () => (await sweepRateLimits(database.db, new Date(), 5_000)) === 0, 10_000, 'it does not end')
    const { left } = await database.db
      .selectFrom('rate_limit')
      .select(({ fn }) => fn.countAll<bigint>().as('left'))
      .executeTakeFirstOrThrow()
    expect(left).toBe(50n)
  })
})
