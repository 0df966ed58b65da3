import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Approval } from '../../../server/contract/entities.ts'
import type { HeldObject, Hold } from '../../../server/contract/reports.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { failUndeliverable } from '../../../server/domain/deliveries/fail-undeliverable.ts'
import { type RetentionPeriods, retentionClasses } from '../../../server/domain/retention/classes.ts'
import { sweepRetained } from '../../../server/domain/retention/sweep-retained.ts'
import { goodInputs } from '../../http/support/inputs.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'

const DAY = 86_400_000
const periods: RetentionPeriods = { webhooks: 90, deliveries: 30, sessions: 180, reports: 2_555, answers: 90 }

let world: World
let officer: Person
/** Days by which the clock is ahead of the time at which everything is made. */
let ahead = 0
const clock = { now: () => new Date(Date.now() + ahead * DAY) }

beforeAll(async () => {
  world = await testWorld({ workers: false, clock })
  await world.crossmint.setWebhook(null)
})
beforeEach(async () => {
  ahead = 0
  officer = await person(world, { roles: ['officer'] })
})
afterAll(() => world[Symbol.asyncDispose]())

const after = async (days: number) => {
  ahead = days
  return sweepRetained(world.built.services, periods)
}

const there = async (table: 'session' | 'webhook_inbox' | 'report_file', column: string, value: string) =>
  withAdmin(world.database.adminUrl, async (admin) => {
    const { rows } = await admin.query(`select 1 from ${table} where ${column} = $1`, [value])
    return rows.length > 0
  })

async function webhook(transactionIds: string[] | null = [], processed = true): Promise<string> {
  const id = randomUUID()
  const at = clock.now()
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(
      `insert into webhook_inbox (provider, event_id, body, state, shard, attempts, received_at, processed_at, transaction_ids)
       values ('crossmint', $1, '\\x7b7d', $2, 0, 1, $3, $4, $5)`,
      [id, processed ? 'processed' : 'received', at, processed ? at : null, transactionIds],
    ),
  )
  return id
}

const hold = async (objectType: HeldObject, objectId: string): Promise<Hold> => {
  const { status, text, data } = await officer.mutate('holds.place', {
    objectType,
    objectId,
    reason: 'asked for by a court',
    idempotencyKey: randomUUID(),
  })
  expect(status, text).toBe(200)
  return data as Hold
}

async function release({ id: holdId }: Hold): Promise<void> {
  const another = await person(world, { roles: ['officer'] })
  const asked = await another.mutate('holds.release', { holdId, reason: 'closed', idempotencyKey: randomUUID() })
  expect(asked.status, asked.text).toBe(200)
  const given = await officer.mutate('approvals.approve', { approvalId: (asked.data as Approval).id })
  expect(given.status, given.text).toBe(200)
}

test('every table is in one class, and no other is', async () => {
  const { rows } = await withAdmin(world.database.adminUrl, (admin) =>
    admin.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'migration%'`,
    ),
  )
  const listed = retentionClasses.flatMap(({ tables }) => tables)
  expect([...listed].sort()).toEqual(rows.map(({ name }) => name).sort())
  expect(new Set(listed).size).toBe(listed.length)
})

test('what is kept for ever cannot be deleted by the role that the service runs with, but for what a trigger watches', async () => {
  const { rows } = await world.database.pool.query<{ name: string }>(
    `select table_name as name from information_schema.role_table_grants
     where grantee = current_user and table_schema = 'public' and privilege_type = 'DELETE'`,
  )
  const deletable = rows.map(({ name }) => name)
  const kept = retentionClasses.filter(({ period }) => period === 'for ever').flatMap(({ tables }) => tables)
  // places that leaves and events wait in, origins that an app no longer has, and entries of imports that came to nothing
  expect(kept.filter((table) => deletable.includes(table)).sort()).toEqual([
    'app_origin',
    'audit_unsealed',
    'event_unplaced',
    'list_entry',
  ])
})

test('webhooks go when they were processed for their time, and not before', async () => {
  const [old, waiting] = [await webhook(), await webhook([], false)]
  await after(89)
  expect(await there('webhook_inbox', 'event_id', old)).toBe(true)
  ahead = 60
  const young = await webhook()
  expect((await after(91)).webhooks).toBeGreaterThan(0)
  expect(await there('webhook_inbox', 'event_id', old)).toBe(false)
  expect(await there('webhook_inbox', 'event_id', waiting)).toBe(true)
  expect(await there('webhook_inbox', 'event_id', young)).toBe(true)
  const disposals = await withAdmin(world.database.adminUrl, (admin) =>
    admin.query("select deleted, before from disposal where class = 'webhooks' order by created_at desc limit 1"),
  )
  expect(disposals.rows[0]).toMatchObject({ deleted: expect.any(Number) })
  expect((await after(91)).webhooks).toBe(0)
})

test('deliveries go with their tries a while after their end, but for what is under hold or waits', async () => {
  const wish = { url: 'http://127.0.0.1:9/', types: ['payment.*'], idempotencyKey: randomUUID() }
  const { id: endpointId } = await world.client.endpoints.create.mutate(wish)
  const { paymentId } = await payment()
  const held = await hold('payment', paymentId)
  const { db } = world.built.services
  const deliver = async (objectId: string, state: 'delivered' | 'failed' | 'waiting') => {
    const [id, at] = [randomUUID(), clock.now()]
    const times = state === 'waiting' ? { next_attempt_at: at } : { ended_at: at }
    const row = { id, endpoint_id: endpointId, app_id: world.appId, object_id: objectId, sequence: 1n, state, ...times }
    const rest = { type: 'payment.created', attempts: 1, spent: 1, created_at: at }
    await db
      .insertInto('delivery')
      .values({ ...row, ...rest })
      .execute()
    const tried = { number: 1, url: wish.url, started_at: at, milliseconds: 1, status: 500 }
    await db
      .insertInto('delivery_attempt')
      .values({ delivery_id: id, ...tried })
      .execute()
    return id
  }
  const old = [await deliver(randomUUID(), 'delivered'), await deliver(randomUUID(), 'failed')]
  const kept = [await deliver(paymentId, 'delivered'), await deliver(randomUUID(), 'waiting')]
  const left = async () => {
    const all = [...old, ...kept]
    const rows = await db.selectFrom('delivery').select('id').where('id', 'in', all).execute()
    const tries = await db
      .selectFrom('delivery_attempt')
      .select('delivery_id')
      .where('delivery_id', 'in', all)
      .execute()
    return [rows.map(({ id }) => id).sort(), tries.map((one) => one.delivery_id).sort()]
  }
  await after(29)
  expect(await left()).toEqual([[...old, ...kept].sort(), [...old, ...kept].sort()])
  expect((await after(31)).deliveries).toBe(2)
  expect(await left()).toEqual([[...kept].sort(), [...kept].sort()])
  // what waits for an endpoint that is gone waits no longer, and has its time from then on
  await db
    .updateTable('endpoint')
    .set({ state: 'deleted', disabled_because: 'asked', disabled_at: clock.now() })
    .where('id', '=', endpointId)
    .execute()
  expect(await failUndeliverable(db, clock.now(), 100)).toBe(1)
  await after(62)
  expect(await left()).toEqual([[kept[0]], [kept[0]]])
  ahead = 0
  officer = await person(world, { roles: ['officer'] })
  await release(held)
  await after(31)
  expect(await left()).toEqual([[], []])
})

test('sessions go a while after their end; their trail stays whole', async () => {
  const [left, stays] = [await person(world), await person(world)]
  await left.mutate('auth.signOut', { everywhere: true })
  await after(179)
  expect(await there('session', 'id', left.sessionId)).toBe(true)
  await after(181)
  expect(await there('session', 'id', left.sessionId)).toBe(false)
  // its end is seven days after its beginning
  expect(await there('session', 'id', stays.sessionId)).toBe(true)
  await after(188)
  expect(await there('session', 'id', stays.sessionId)).toBe(false)
  const { items } = await world.client.audit.trail.query({ objectId: left.sessionId })
  expect(items).toHaveLength(2)
  ahead = 0
  expect((await verifyTrails(world.database.db)).faults.filter(({ object }) => object === left.sessionId)).toEqual([])
})

test('files of a report go when their time is over; the report and its signature stay', async () => {
  const { reportId } = (await goodInputs['reports.file']!(world, null)) as { reportId: string }
  await after(2_554)
  expect(await there('report_file', 'report_id', reportId)).toBe(true)
  await after(2_556)
  expect(await there('report_file', 'report_id', reportId)).toBe(false)
  const row = await world.database.db
    .selectFrom('report')
    .select(['state', 'manifest'])
    .where('id', '=', reportId)
    .executeTakeFirst()
  expect(row).toMatchObject({ state: 'expired', manifest: { report: reportId, signature: expect.any(String) } })
})

/** A payment, with a webhook that was about it. */
async function payment() {
  const { paymentId } = (await goodInputs['payments.get']!(world, null)) as { paymentId: string }
  const { transactionId, walletId } = await world.client.payments.get.query({ paymentId })
  return { paymentId, walletId, eventId: await webhook([transactionId]) }
}

test('a hold keeps what it is on, and nothing else; released by two people, it keeps nothing', async () => {
  const [held, other] = [await payment(), await payment()]
  const [somebody, another] = [await person(world), await person(world)]
  for (const { mutate } of [somebody, another]) await mutate('auth.signOut', { everywhere: true })
  const holds = [await hold('payment', held.paymentId), await hold('user', somebody.userId)]
  const { reportId } = (await goodInputs['reports.file']!(world, null)) as { reportId: string }
  holds.push(await hold('report', reportId))

  await after(4_000)
  expect(await there('webhook_inbox', 'event_id', held.eventId)).toBe(true)
  expect(await there('webhook_inbox', 'event_id', other.eventId)).toBe(false)
  expect(await there('session', 'id', somebody.sessionId)).toBe(true)
  expect(await there('session', 'id', another.sessionId)).toBe(false)
  expect(await there('report_file', 'report_id', reportId)).toBe(true)

  ahead = 0
  officer = await person(world, { roles: ['officer'] })
  for (const one of holds) await release(one)
  await after(4_000)
  expect(await there('webhook_inbox', 'event_id', held.eventId)).toBe(false)
  expect(await there('session', 'id', somebody.sessionId)).toBe(false)
  expect(await there('report_file', 'report_id', reportId)).toBe(false)
})

test('a hold on a wallet or on the app reaches what is of it; what nobody looked into is kept while there is any', async () => {
  const [one, two] = [await payment(), await payment()]
  const unknown = await webhook(null)
  const onWallet = await hold('wallet', one.walletId)
  await after(100)
  expect(await there('webhook_inbox', 'event_id', one.eventId)).toBe(true)
  expect(await there('webhook_inbox', 'event_id', two.eventId)).toBe(false)
  expect(await there('webhook_inbox', 'event_id', unknown)).toBe(true)
  ahead = 0
  officer = await person(world, { roles: ['officer'] })
  await release(onWallet)
  const onApp = await hold('app', world.appId)
  await after(100)
  expect(await there('webhook_inbox', 'event_id', one.eventId)).toBe(true)
  ahead = 0
  officer = await person(world, { roles: ['officer'] })
  await release(onApp)
  await after(100)
  for (const id of [one.eventId, unknown]) expect(await there('webhook_inbox', 'event_id', id)).toBe(false)
})

test('nobody releases a hold alone, nor twice; a second on the same object is told of the first', async () => {
  const { paymentId } = await payment()
  const placed = await hold('payment', paymentId)
  const wish = { objectType: 'payment', objectId: paymentId, reason: 'again', idempotencyKey: randomUUID() }
  const again = await officer.mutate('holds.place', wish)
  expect(again.error?.data).toMatchObject({ code: 'NOTHING_TO_CHANGE', details: { holdId: placed.id } })
  const asked = await officer.mutate('holds.release', { holdId: placed.id, reason: 'r', idempotencyKey: randomUUID() })
  const alone = await officer.mutate('approvals.approve', { approvalId: (asked.data as Approval).id })
  expect(alone.error?.data.code).toBe('NEEDS_ANOTHER_PERSON')
  await release(placed)
  const twice = await officer.mutate('holds.release', { holdId: placed.id, reason: 'r', idempotencyKey: randomUUID() })
  expect(twice.error?.data.code).toBe('NOTHING_TO_CHANGE')
  const { items } = await world.client.holds.list.query({ standing: true })
  expect(items.map(({ id }) => id)).not.toContain(placed.id)
})
