import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import { append, emptyTrail, nextStep, type TrailHead } from '../../../server/domain/audit/trail.ts'
import { feedOf } from '../../../server/domain/events/event-of.ts'
import { LOT, placeEvents } from '../../../server/domain/events/place-events.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

let database: TestDatabase
let db: Kysely<Database>
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
})
afterAll(() => database[Symbol.asyncDispose]())

/** An object of an app, and what is written next of it. */
interface Subject {
  id: string
  appId: string
  head: TrailHead
}

const subject = (appId: string): Subject => ({ id: randomUUID(), appId, head: emptyTrail })

/** Writes the next event of an object, as at this time. */
async function write(trx: Kysely<Database>, one: Subject, at = new Date()): Promise<void> {
  const step = nextStep(one.head, {
    object: { type: 'app', id: one.id, appId: one.appId },
    principal: { kind: 'system', name: 'test' },
    type: one.head.version === 0n ? 'app.created' : 'app.updated',
    at,
    data: { name: 'an app', origins: [] },
  })
  await append(trx, step)
  one.head = step.head
}

/** Writes events in a commit that ends when it is told to. */
async function openCommit(...subjects: Subject[]) {
  const written = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  const ended = transaction(db, async (trx) => {
    for (const one of subjects) await write(trx, one)
    written.resolve()
    await mayEnd.promise
  })
  await Promise.race([written.promise, ended])
  return async () => {
    mayEnd.resolve()
    await ended
  }
}

const readFrom = (appId: string, after: bigint) =>
  feedOf(db)
    .select(['event_position.position', 'event.object_id', 'event.sequence'])
    .where('event_position.app_id', '=', appId)
    .where('event_position.position', '>', after)
    .orderBy('event_position.position')
    .execute()

type Placed = Awaited<ReturnType<typeof readFrom>>[number]

/** Somebody who reads the feed of an app on from where they are, as often as they are asked to. */
function reader(appId: string) {
  const seen: Placed[] = []
  return { appId, seen, read: async () => void seen.push(...(await readFrom(appId, BigInt(seen.length)))) }
}

const placeAll = async () => {
  while ((await placeEvents(db)).waiting > 0);
}

/** Expects a reader to have seen every event of these objects once: places without a gap, and each object's events in its order. */
function expectWhole({ seen }: { seen: Placed[] }, subjects: readonly Subject[]) {
  expect(seen.map(({ position }) => position)).toEqual(seen.map((_, index) => BigInt(index + 1)))
  const total = subjects.reduce((sum, { head }) => sum + Number(head.version), 0)
  expect(seen).toHaveLength(total)
  for (const { id, head } of subjects) {
    const sequences = seen.filter(({ object_id }) => object_id === id).map(({ sequence }) => sequence)
    expect(sequences).toEqual(Array.from({ length: Number(head.version) }, (_, index) => BigInt(index + 1)))
  }
}

const nothingWaits = async () => expect(await db.selectFrom('event_unplaced').select('object_id').execute()).toEqual([])

test('a commit that ends late comes after those that were placed meanwhile, and nobody misses it', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const [late, ...others] = [subject(appId), subject(appId), subject(appId)]
  const end = await openCommit(late!)
  for (const one of others) await transaction(db, (trx) => write(trx, one))
  expect(await placeEvents(db)).toEqual({ waiting: 2, appIds: [appId] })
  await read()
  expect(seen.map(({ object_id }) => object_id)).toEqual(others.map(({ id }) => id))

  await end()
  expect(await placeEvents(db, { recent: true })).toEqual({ waiting: 1, appIds: [appId] })
  await read()
  expect(seen.at(-1)).toMatchObject({ object_id: late!.id, position: 3n })
  expectWhole({ seen }, [late!, ...others])
  expect(await placeEvents(db)).toEqual({ waiting: 0, appIds: [] })
})

test('what took longer than a minute is placed by a look at all that waits', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const one = subject(appId)
  await transaction(db, (trx) => write(trx, one))
  await withAdmin(database.adminUrl, (admin) =>
    admin.query(`update event_unplaced set recorded_at = recorded_at - interval '2 minutes'`),
  )
  await transaction(db, (trx) => write(trx, one))
  // what comes after it waits for it
  expect(await placeEvents(db, { recent: true })).toEqual({ waiting: 1, appIds: [] })
  expect(await placeEvents(db)).toEqual({ waiting: 2, appIds: [appId] })
  await read()
  expectWhole({ seen }, [one])
})

test('clocks that are apart put no event of an object before another of it', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const [one, other] = [subject(appId), subject(appId)]
  const at = (minutes: number) => new Date(Date.UTC(2026, 10, 1) + minutes * 60_000)
  await transaction(db, async (trx) => {
    for (const [which, minutes] of [
      [one, 9],
      [other, 5],
      [one, 1],
      [other, 7],
      [one, 3],
      [one, 2],
    ] as const)
      await write(trx, which, at(minutes))
  })
  await placeAll()
  await read()
  expectWhole({ seen }, [one, other])
  // between objects it is by time
  expect(seen.slice(0, 2).map(({ object_id }) => object_id)).toEqual([other.id, other.id])
})

test('however many wait, and wherever their predecessors are, all get their places', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const count = LOT + 50
  // the second events of all objects are found first, and the first ones in no lot with them
  await withAdmin(database.adminUrl, async (admin) => {
    await admin.query(
      `insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
       select object_id, sequence, 'app', $1, 'app.updated', '{}', now()
       from (select gen_random_uuid() as object_id from generate_series(1, $2::int)) as q, generate_series(1, 2) as sequence`,
      [appId, count],
    )
    await admin.query(
      `insert into event_unplaced (shard, object_id, sequence)
       select case sequence when 1 then 7 else 0 end, object_id, sequence from event where app_id = $1`,
      [appId],
    )
  })
  let lots = 0
  for (let waiting = LOT; waiting > 0; lots++) {
    const lot = await placeEvents(db)
    waiting = lot.waiting
    if (waiting > 0) expect(lot.appIds).toEqual([appId])
  }
  expect(lots).toBeLessThan(6)
  await read()
  const order = Map.groupBy(seen, ({ object_id }) => object_id)
  expect(order.size).toBe(count)
  for (const events of order.values()) expect(events.map(({ sequence }) => sequence)).toEqual([1n, 2n])
  expect(seen.map(({ position }) => position)).toEqual(seen.map((_, index) => BigInt(index + 1)))
  await nothingWaits()
})

test('an event that waits twice, or although it has its place, is in nobody’s way', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const [placed, twice] = [subject(appId), subject(appId)]
  await transaction(db, (trx) => write(trx, placed))
  await placeAll()
  await transaction(db, (trx) => write(trx, twice))
  await withAdmin(database.adminUrl, (admin) =>
    admin.query(
      `insert into event_unplaced (shard, object_id, sequence)
       select 7 - shard, object_id, sequence from event_unplaced
       union all select 3, $1, 1`,
      [placed.id],
    ),
  )
  for (let looks = 0; looks < 4; looks++) await placeEvents(db)
  await nothingWaits()
  await read()
  expectWhole({ seen }, [placed, twice])
})

test('however writers, late commits, several who place and readers meet, the feed has no gap and nothing twice', async () => {
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        who: fc.nat(5),
        skew: fc.integer({ min: -90_000, max: 90_000 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), who: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('place' as const), by: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 15, maxLength: 40 }), async (acts) => {
      const readers = [reader(randomUUID()), reader(randomUUID())]
      const subjects = readers.flatMap(({ appId }) => [subject(appId), subject(appId), subject(appId)])
      const open = new Map<Subject, () => Promise<void>>()
      const running: Promise<unknown>[] = []
      const readAll = () => Promise.all(readers.map(({ read }) => read()))
      for (const step of acts) {
        if (step.do === 'write') {
          const one = subjects[step.who]!
          // of an object whose commit is open, another would wait for that
          if (!open.has(one)) await transaction(db, (trx) => write(trx, one, new Date(Date.now() + step.skew)))
        } else if (step.do === 'open') {
          const one = subjects[step.who]!
          if (!open.has(one)) open.set(one, await openCommit(one))
        } else if (step.do === 'end') {
          const [first] = open
          if (!first) continue
          open.delete(first[0])
          await first[1]()
        } else if (step.do === 'place') {
          // they go on while others write and read
          for (let n = 0; n < step.by; n++) running.push(placeEvents(db))
          await setImmediate()
        } else await readAll()
      }
      for (const end of open.values()) await end()
      await Promise.all(running)
      await placeAll()
      await readAll()
      for (const one of readers)
        expectWhole(
          one,
          subjects.filter(({ appId }) => appId === one.appId),
        )
      await nothingWaits()
    }),
    {
      numRuns: process.env.SOAK ? 300 : 12,
      examples: [
        [
          [
            { do: 'open', who: 0 },
            { do: 'write', who: 1, skew: 60_000 },
            { do: 'place', by: 3 },
            { do: 'write', who: 1, skew: -60_000 },
            { do: 'end' },
            { do: 'read' },
            { do: 'place', by: 2 },
            { do: 'write', who: 0, skew: -90_000 },
          ],
        ],
      ],
    },
  )
})

test('several who place the same at once give each event one place, and one of them gives it', async () => {
  const { appId, seen, read } = reader(randomUUID())
  const subjects = Array.from({ length: 20 }, () => subject(appId))
  const gave: number[] = []
  for (let round = 0; round < 10; round++) {
    await transaction(db, async (trx) => {
      for (const one of subjects) await write(trx, one)
    })
    const lots = await Promise.all(Array.from({ length: 4 }, () => placeEvents(db)))
    gave.push(lots.filter(({ appIds }) => appIds.length > 0).length)
    await read()
    expectWhole({ seen }, subjects)
  }
  expect(gave).toEqual(Array(10).fill(1))
  await nothingWaits()
})
