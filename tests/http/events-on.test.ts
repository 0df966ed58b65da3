import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServiceEvent } from '../../server/contract/events.ts'
import { openStreams } from '../../server/domain/events/streams.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { type EventStream, type Following, followOn } from '../support/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { feedIn, headIn, seenByKey, writeEvents } from '../support/feed.ts'
import { PAGE, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { keyHeaders } from './support/callers.ts'
import { call, readAnswer } from './support/calls.ts'
import { environmentOf, instance, nowhere } from './support/instance.ts'
import { withAdmin } from './support/rows.ts'
import { listening, start } from './support/run.ts'

let world: World
/** Opened first, so that its heartbeat has come when everything else is done. */
let quiet: EventStream
beforeAll(async () => {
  world = await testWorld({ environment: { STREAM_CHECK_MS: '200', STREAM_STALL_MS: '700' } })
  const { apiKey, client } = await world.stranger()
  quiet = await followOn(world.url, keyHeaders(apiKey), { types: ['hold.placed'] })
  await client.wallets.create.mutate({ owner: randomUUID() })
})
afterAll(async () => {
  await quiet[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const key = () => keyHeaders(world.apiKey)

const feed = (after = 0n) => feedIn(world, after)
const head = () => headIn(world)

const openCount = async () => (await world.built.services.metrics.openStreams.get()).values[0]?.value ?? 0

const pay = async () => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  return world.client.payments.create.mutate({
    paywallId: paywall.id,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
}

describe('what is told', () => {
  test('is what happens from now on, each once and in order, as it is stored', async () => {
    const before = await head()
    await using stream = await followOn(world.url, key())
    expect(stream.response.status).toBe(200)
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    const payment = await pay()
    await world.until(payment.id, 'settled')
    await eventually(() => expect(stream.events.at(-1)?.type).toBe('payment.settled'))

    expect(stream.begins).toBe(String(before))
    expect(stream.heard[0]).toBe('connected')
    expect(stream.events).toEqual(seenByKey(await feed(before)))
    const ofPayment = stream.events.filter(({ objectId }) => objectId === payment.id)
    expect(ofPayment.map(({ sequence }) => sequence)).toEqual(ofPayment.map((_, n) => BigInt(n + 1)))
  })

  test('begins behind any place, and at the first for 0', async () => {
    await pay()
    await head()
    const all = await feed()
    for (const from of [0n, 1n, all[all.length >> 1]!.position, all.at(-2)!.position]) {
      await using stream = await followOn(world.url, key(), { lastEventId: String(from) })
      const expected = seenByKey(all.filter(({ position }) => position > from))
      await eventually(() => expect(stream.events.length).toBeGreaterThanOrEqual(expected.length))
      expect(stream.events.slice(0, expected.length)).toEqual(expected)
      expect(stream.begins).toBe(String(from))
    }
  })

  test('begins behind the id that a browser sends when it reconnects, whatever the page asked for first', async () => {
    const last = await head()
    const headers = { ...key(), 'last-event-id': String(last - 1n) }
    await using stream = await followOn(world.url, headers, { lastEventId: '0' })
    expect(stream.response.status).toBe(200)
    await eventually(() => expect(stream.begins).toBe(String(last - 1n)))
  })

  test('is what is asked for: by type, by object, and by both', async () => {
    const from = String(await head())
    const [one, other] = await Promise.all([pay(), pay()])
    await Promise.all([one, other].map(({ id }) => world.until(id, 'settled')))
    const all = seenByKey(
      await eventually(async () => {
        const events = await feed(BigInt(from))
        expect(events.filter(({ type }) => type === 'payment.settled')).toHaveLength(2)
        return events
      }),
    )
    const cases = [
      [{ types: ['payment.settled'] }, ({ type }: ServiceEvent) => type === 'payment.settled'],
      [
        { types: ['wallet.created', 'payment.*'] },
        ({ type }: ServiceEvent) => /^(wallet\.created|payment\..*)$/.test(type),
      ],
      [{ objectId: one.id }, ({ objectId }: ServiceEvent) => objectId === one.id],
      [
        { objectId: other.id, types: ['payment.accepted'] },
        ({ objectId, type }: ServiceEvent) => objectId === other.id && type === 'payment.accepted',
      ],
    ] satisfies [Following, (event: ServiceEvent) => boolean][]
    for (const [following, wanted] of cases) {
      await using stream = await followOn(world.url, key(), { lastEventId: from, ...following })
      const expected = all.filter(wanted)
      expect(expected.length).toBeGreaterThan(0)
      await eventually(() => expect(stream.events).toEqual(expected))
    }
  })
})

describe('who sees what', () => {
  test('people what is theirs, overseers all, another app nothing; live and when they come back', async () => {
    const [buyer, another, officer] = await Promise.all([
      person(world),
      person(world),
      person(world, { roles: ['officer'] }),
    ])
    const elsewhere = await world.stranger()
    const from = String(await head())
    const everybody = async (lastEventId?: string) =>
      Promise.all(
        [buyer.headers, another.headers, officer.headers, keyHeaders(elsewhere.apiKey), key()].map((headers, n) =>
          followOn(world.url, headers, n === 3 || lastEventId === undefined ? {} : { lastEventId }),
        ),
      )
    const live = await everybody()
    const wallet = await world.wallet()
    await world.client.wallets.link.mutate({ walletId: wallet.id, userId: buyer.userId })
    const paywall = await world.paywall()
    const { data } = await buyer.mutate('payments.create', {
      paywallId: paywall.id,
      walletId: wallet.id,
      idempotencyKey: randomUUID(),
    })
    await world.until((data as { id: string }).id, 'settled')
    const settled = await eventually(async () => {
      const events = await feed(BigInt(from))
      expect(events.at(-1)!.type).toBe('payment.settled')
      return events
    })
    const paymentId = (data as { id: string }).id
    const own = (events: readonly ServiceEvent[]) =>
      events.filter(({ objectId }) => objectId === wallet.id || objectId === paymentId)
    const late = await everybody(from)
    for (const streams of [live, late]) {
      const [theirs, others, officers, strangers, keys] = streams
      await eventually(() => expect(officers!.events).toEqual(settled))
      await eventually(() => expect(keys!.events).toEqual(seenByKey(settled)))
      await eventually(() =>
        expect(theirs!.events.map(({ type }) => type)).toEqual(
          expect.arrayContaining(['wallet.linked', 'payment.settled']),
        ),
      )
      expect(theirs!.events.filter(({ type }) => type !== 'wallet.created')).toEqual(
        own(settled).filter(({ type }) => type !== 'wallet.created'),
      )
      expect(others!.events).toEqual([])
      expect(strangers!.events).toEqual([])
    }
    await Promise.all([...live, ...late].map((stream) => stream[Symbol.asyncDispose]()))
  })

  test('a page that is none of the app, and nobody, hear nothing', async () => {
    const somebody = await person(world)
    const foreign = await followOn(world.url, { ...somebody.headers, origin: 'https://evil.example' })
    expect([foreign.response.status, (await readAnswer(foreign.response)).error?.data.code]).toEqual([
      403,
      'ORIGIN_NOT_ALLOWED',
    ])
    expect((await followOn(world.url, {})).response.status).toBe(401)
    await using page = await followOn(world.url, somebody.headers)
    expect(page.response.headers.get('access-control-allow-origin')).toBe(PAGE)
    expect(page.response.headers.get('access-control-allow-credentials')).toBe('true')
  })
})

test.each(['-1', 'x', '1.5', '1e3', '', ' 1', '9999999999999999999', '999999999'])(
  'a place that is none is refused: %j',
  async (lastEventId) => {
    const { response } = await followOn(world.url, key(), { lastEventId })
    const { status, error } = await readAnswer(response)
    expect([status, error?.data.code]).toEqual([400, 'INVALID_INPUT'])
  },
)

describe('a stream ends', () => {
  const ends: Record<string, () => Promise<{ headers: Record<string, string>; end: () => Promise<unknown> }>> = {
    'when its session is ended': async () => {
      const somebody = await person(world)
      return { headers: somebody.headers, end: () => somebody.mutate('auth.signOut', {}) }
    },
    'when its key is revoked': async () => {
      const { id, secret } = await world.operator.apiKeys.create.mutate({
        appId: world.appId,
        name: 'k',
        idempotencyKey: randomUUID(),
      })
      return { headers: keyHeaders(secret!), end: () => world.operator.apiKeys.revoke.mutate({ keyId: id }) }
    },
    'when a role is lost by which its reader saw more': async () => {
      const somebody = await person(world, { roles: ['auditor'] })
      const end = () =>
        withAdmin(world.database.adminUrl, (admin) =>
          admin.query("update app_user set roles = '{}' where id = $1", [somebody.userId]),
        )
      return { headers: somebody.headers, end }
    },
    'when its page is no longer one of the app': async () => {
      const origin = 'https://soon-gone.example.com'
      await world.operator.apps.update.mutate({ appId: world.appId, origins: [PAGE, origin] })
      const somebody = await person(world)
      return {
        headers: { ...somebody.headers, origin },
        end: () => world.operator.apps.update.mutate({ appId: world.appId, origins: [PAGE] }),
      }
    },
  }
  test.each(Object.keys(ends))('%s', async (name) => {
    const { headers, end } = await ends[name]!()
    await using stream = await followOn(world.url, headers)
    expect(stream.response.status).toBe(200)
    await end()
    await stream.ended
    // it did not come to its end: a client goes on, and is told then
    expect(stream.heard).not.toContain('return')
  })

  test('and is open while nothing of that happens', async () => {
    const somebody = await person(world, { roles: ['auditor'] })
    await using stream = await followOn(world.url, somebody.headers)
    const checks = 5
    for (let n = 0; n < checks; n++)
      await call(world.url, { path: 'auth.me', type: 'query' }, undefined, somebody.headers)
    await world.paywall()
    await eventually(() => expect(stream.events.at(-1)?.type).toBe('paywall.created'))
  })
})

/** Asks for the events and reads nothing of the answer. */
function unread(from: bigint): Socket {
  const { port, host } = new URL(world.url)
  const socket = connect(Number(port), '127.0.0.1').pause()
  const input = encodeURIComponent(JSON.stringify({ json: { lastEventId: String(from) } }))
  socket.on('error', () => {})
  socket.write(
    `GET /trpc/events.on?input=${input} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${world.apiKey}\r\n\r\n`,
  )
  return socket
}

test('whoever does not read is cut off, and gets the rest when they come again', async () => {
  const from = await head()
  const before = await openCount()
  const socket = unread(from)
  await eventually(async () => expect(await openCount()).toBe(before + 1))
  const count = 150
  await writeEvents(world, count, 200_000)
  await eventually(async () => expect(await openCount()).toBe(before))
  socket.destroy()

  await using again = await followOn(world.url, key(), { lastEventId: String(from) })
  await eventually(() => expect(again.events).toHaveLength(count))
  expect(again.events.map(({ position }) => position)).toEqual(
    Array.from({ length: count }, (_, n) => from + BigInt(n + 1)),
  )
})

describe('streams are limited', () => {
  test('a user has 20 at a time, whatever their sessions', async () => {
    const somebody = await person(world)
    const again = await person(world, { account: somebody.account })
    const open = await Promise.all(
      Array.from({ length: 20 }, (_, n) => followOn(world.url, (n % 2 ? somebody : again).headers)),
    )
    expect(open.map(({ response }) => response.status)).toEqual(Array(20).fill(200))
    const { response } = await followOn(world.url, somebody.headers)
    const { status, error, headers } = await readAnswer(response)
    expect([status, error?.data.code, error?.data.retryable]).toEqual([429, 'RATE_LIMITED', true])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    await using _ofAnother = await followOn(world.url, (await person(world)).headers)
    expect(_ofAnother.response.status).toBe(200)

    await open[0]![Symbol.asyncDispose]()
    await eventually(async () => {
      await using next = await followOn(world.url, somebody.headers)
      expect(next.response.status).toBe(200)
    })
    await Promise.all(open.map((stream) => stream[Symbol.asyncDispose]()))
  })

  test('an app and a process have theirs', () => {
    const [one, other] = ['app', 'user'].map((name) => ({
      kind: 'service' as const,
      keyId: name,
      appId: name,
      scopes: null,
    }))
    const counts: number[] = []
    const streams = openStreams({ user: 1, app: 2, all: 3 }, (open) => counts.push(open))
    const [first] = [streams.enter(one!), streams.enter({ ...one!, keyId: 'another' })]
    expect(() => streams.enter(one!)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    streams.enter(other!)
    expect(() => streams.enter(other!)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    first![Symbol.dispose]()
    first![Symbol.dispose]()
    const last = streams.enter(other!)
    expect(counts).toEqual([1, 2, 3, 2, 3])
    streams.endAll()
    expect(last.signal.aborted).toBe(true)
  })
})

test('a process that is stopped ends its streams at once, and their readers go on at another', async () => {
  const environment = { ...environmentOf(world, nowhere), WORKERS: 'off' }
  await using service = start('server/main.ts', [], environment)
  const url = await listening(service)
  await using stream = await followOn(url, key())
  await world.paywall()
  await eventually(() => expect(stream.events).toHaveLength(1))
  service.child.kill('SIGTERM')
  await stream.ended
  expect(stream.heard).not.toContain('return')
  expect(await service.ended).toMatchObject({ code: 0 })
  await world.paywall()
  await using next = await followOn(world.url, key(), { lastEventId: String(stream.events[0]!.position) })
  await eventually(() => expect(next.events).toHaveLength(1))
  expect(next.events[0]!.position).toBe(stream.events[0]!.position + 1n)
})

test('nothing is missing after a time without the database, and nobody is sent away meanwhile', async () => {
  let isDown = false
  await using proxy = await databaseProxy(world.database.applicationUrl, () => (isDown ? 'drop-before' : undefined))
  await using other = await instance(world, { DATABASE_URL: proxy.url, STREAM_CHECK_MS: '100' })
  const from = await head()
  await using stream = await followOn(other.url, key())
  await world.paywall()
  await eventually(() => expect(stream.events).toHaveLength(1))

  isDown = true
  proxy.breakAll()
  const injected = proxy.injected['drop-before']
  await world.paywall()
  await world.paywall()
  await eventually(() => expect(proxy.injected['drop-before']).toBeGreaterThan(injected + 3))
  expect(stream.events).toHaveLength(1)
  isDown = false

  await eventually(() => expect(stream.events).toHaveLength(3))
  expect(stream.events).toEqual(seenByKey(await feed(from)))
})

test('a quiet stream has its heartbeat, with the place up to which there was nothing for it', async () => {
  await eventually(() => expect(quiet.heard).toContain('ping'), 20_000)
  expect(quiet.events).toEqual([])
  expect(BigInt(quiet.place!)).toBeGreaterThan(BigInt(quiet.begins!))
})
