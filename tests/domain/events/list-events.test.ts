import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, createClient, events } from '../../../client-sdk/index.ts'
import type { EventPage, ServiceEvent } from '../../../server/contract/events.ts'
import { eventId } from '../../../server/domain/events/event-of.ts'
import { ownedFeedOf, ownerColumns, visibleTo } from '../../../server/domain/events/visible-to.ts'
import type { AppPrincipal } from '../../../server/domain/principal.ts'
import type { Answer } from '../../http/support/calls.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { worldOf } from '../../http/support/world-of.ts'
import { eventually } from '../../support/eventually.ts'
import { type Person, person } from '../../support/people.ts'
import { placeAll } from '../../support/place.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

type Search = Parameters<Client['events']['list']['query']>[0]

const positions = ({ items }: EventPage) => items.map(({ position }) => Number(position))
const typesOf = ({ items }: EventPage) => items.map(({ type }) => type)

/** A new app with so many paywalls, each of which is an event. */
async function feed(paywalls: number) {
  const { client, appId } = await world.stranger()
  const open = async (count: number) => {
    const ids: string[] = []
    for (let n = 0; n < count; n++) {
      const terms = { title: 't', assetId: world.assetId, price: 1n, recipient: world.agent }
      ids.push((await client.paywalls.create.mutate({ ...terms, idempotencyKey: randomUUID() })).id)
    }
    await placeAll(world)
    return ids
  }
  const ids = await open(paywalls)
  return { appId, ids, open, client, list: (search: Search = {}) => client.events.list.query(search) }
}

describe('the feed of an app', () => {
  test('is read to its end and on from there, each event once, in order', async () => {
    const { list, open, ids } = await feed(5)
    // its own creation and that of its key came first; the key is not for keys to see
    const first = await list({ limit: 4 })
    expect(positions(first)).toEqual([1, 3, 4, 5])
    expect(first).toMatchObject({ nextCursor: '5', hasMore: true })
    const rest = await list({ limit: 4, cursor: first.nextCursor })
    expect(positions(rest)).toEqual([6, 7])
    expect(rest).toMatchObject({ nextCursor: '7', hasMore: false })
    expect(await list({ cursor: rest.nextCursor })).toEqual({ items: [], nextCursor: '7', hasMore: false })

    ids.push(...(await open(2)))
    const on = await list({ cursor: rest.nextCursor })
    expect(positions(on)).toEqual([8, 9])
    expect(on).toMatchObject({ nextCursor: '9', hasMore: false })
    const opened = [first, rest, on].flatMap(({ items }) => items).filter(({ type }) => type === 'paywall.created')
    expect(opened.map(({ objectId }) => objectId)).toEqual(ids)
  })

  test('is read from its newest back to its first', async () => {
    const { list, open } = await feed(4)
    const newest = await list({ order: 'newest', limit: 3 })
    expect(positions(newest)).toEqual([6, 5, 4])
    expect(newest).toMatchObject({ nextCursor: '4', hasMore: true })
    await open(1)
    const back = await list({ order: 'newest', limit: 3, cursor: newest.nextCursor })
    expect(positions(back)).toEqual([3, 1])
    expect(back).toMatchObject({ nextCursor: '1', hasMore: false })
    expect(await list({ order: 'newest', cursor: '1' })).toEqual({ items: [], nextCursor: '1', hasMore: false })
  })

  test('of which nothing has its place yet begins at its beginning', async () => {
    const { client } = await world.stranger()
    const empty = { items: [], nextCursor: '0', hasMore: false }
    expect(await client.events.list.query({})).toEqual(empty)
    expect(await client.events.list.query({ cursor: '0' })).toEqual(empty)
    await placeAll(world)
    expect(typesOf(await client.events.list.query({ cursor: empty.nextCursor }))).toEqual(['app.created'])
  })

  test('is told from its first event on to whoever asks for events before it', async () => {
    const { apiKey } = await world.stranger()
    const begun = Promise.withResolvers<void>()
    const client = createClient({
      url: world.url,
      apiKey,
      fetch: async (input, init) => {
        if (String(input).includes('/events.on')) return new Promise(() => {})
        const answer = await fetch(input, init)
        begun.resolve()
        return answer
      },
    })
    const told = events(client, { patience: 50 })
    const first = told.next()
    await begun.promise
    await placeAll(world)
    expect((await first).value).toMatchObject({ position: 1n, type: 'app.created' })
    await told.return()
  })

  test('has nothing behind its end, wherever somebody says they are', async () => {
    const { list } = await feed(1)
    expect(await list({ cursor: '999999999999999' })).toEqual({
      items: [],
      nextCursor: '999999999999999',
      hasMore: false,
    })
    expect(positions(await list({ cursor: '999999999999999', order: 'newest' }))).toEqual([3, 1])
  })

  test('is searched by type, group of types, kind, object and time, together and alone', async () => {
    const { list, client, ids } = await feed(3)
    const { id: walletId, createdAt } = await client.wallets.create.mutate({ owner: 'customer-7' })
    const middle = new Date(createdAt.getTime() + 1)
    await eventually(async () => expect(Date.now()).toBeGreaterThan(middle.getTime()))
    await client.paywalls.archive.mutate({ paywallId: ids[1]! })
    await placeAll(world)
    expect(positions(await list({ types: ['paywall.created'] }))).toEqual([3, 4, 5])
    expect(positions(await list({ types: ['paywall.*', 'wallet.created'] }))).toEqual([3, 4, 5, 6, 7])
    expect(positions(await list({ types: ['*'], objectType: 'paywall' }))).toEqual([3, 4, 5, 7])
    expect(positions(await list({ objectType: 'paywall', types: ['paywall.archived', 'wallet.*'] }))).toEqual([7])
    expect(positions(await list({ objectId: walletId }))).toEqual([6])
    expect(typesOf(await list({ objectId: ids[1]! }))).toEqual(['paywall.created', 'paywall.archived'])
    expect(typesOf(await list({ objectId: ids[1]!, limit: 1, order: 'newest' }))).toEqual(['paywall.archived'])
    expect(positions(await list({ from: middle }))).toEqual([7])
    expect(positions(await list({ to: middle, objectType: 'wallet' }))).toEqual([6])
    expect(await list({ objectId: randomUUID() })).toEqual({ items: [], nextCursor: '7', hasMore: false })
  })

  test.each([[['payment.paid']], [['nothing.*']], [['**']], [[]], [['payment']]])(
    'types %j are refused',
    async (types) => {
      const { error } = await (await somebody()).query('events.list', { types })
      expect(error?.data).toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ path: ['types', ...(types.length ? ['0'] : [])] }],
      })
    },
  )

  test('is searched a part at a time: what is far off is found by going on', async () => {
    const { list, appId } = await feed(1)
    const far = randomUUID()
    await withAdmin(world.database.adminUrl, async (admin) => {
      const [columns, row] = ['object_id, sequence, object_type, app_id, type, data, created_at', `'{}', now()`]
      await admin.query(
        `insert into event (${columns})
         select case when n = 12000 then $2::uuid else gen_random_uuid() end, 1, case when n = 12000 then 'wallet' else 'paywall' end,
           $1, case when n = 12000 then 'wallet.created' else 'paywall.created' end, ${row} from generate_series(4, 12500) as n`,
        [appId, far],
      )
      await admin.query(
        `insert into event_position (app_id, position, object_id, sequence)
         select app_id, case when object_id = $2 then 12000 else n + (n >= 12000)::int end, object_id, 1
         from (select app_id, object_id, row_number() over (order by object_id = $2, object_id) + 3 as n
           from event where app_id = $1 and data = '{}') as q`,
        [appId, far],
      )
    })
    for (const order of ['oldest', 'newest'] as const) {
      const found: bigint[] = []
      let pages = 0
      for (let cursor: string | null = null, hasMore = true; hasMore; pages++) {
        const page: EventPage = await list({ types: ['wallet.*'], order, cursor })
        found.push(...page.items.map(({ position }) => position))
        ;({ nextCursor: cursor, hasMore } = page)
      }
      expect(found).toEqual([12_000n])
      expect(pages).toBe(3)
    }
    // of one object, and without a filter, a page is what was asked for
    expect(positions(await list({ objectId: far }))).toEqual([12_000])
    expect((await list({})).items).toHaveLength(100)
  })
})

const somebody = () => person(world)
const idsIn = ({ data }: Answer) => (data as EventPage).items.map(({ objectId }) => objectId)

describe('who sees what', () => {
  let buyer: Person
  let merchant: Person
  let officer: Person
  let auditor: Person
  let operator: Person
  let bystander: Person
  let payment: string
  let other: string
  let wallet: string

  beforeAll(async () => {
    ;[buyer, merchant, officer, auditor, operator, bystander] = await Promise.all([
      somebody(),
      person(world, { roles: ['merchant'] }),
      person(world, { roles: ['officer'] }),
      person(world, { roles: ['auditor'] }),
      person(world, { roles: ['operator'] }),
      person(world, { roles: ['merchant'] }),
    ])
    const [paywall, unowned, bought] = await Promise.all([
      worldOf(world, merchant).paywall(),
      world.paywall(),
      worldOf(world, buyer).wallet(),
    ])
    wallet = bought.id
    const pay = async (paywallId: string) => {
      const input = { paywallId, walletId: wallet, idempotencyKey: randomUUID() }
      const { status, text, data } = await buyer.mutate('payments.create', input)
      expect(status, text).toBe(200)
      return (data as { id: string }).id
    }
    payment = await pay(paywall.id)
    other = await pay(unowned.id)
    await buyer.mutate('payments.cancel', { paymentId: payment })
    await placeAll(world)
  })

  test('a buyer sees what they bought and own, a merchant what they sold, a bystander their own wallet', async () => {
    const own = (await buyer.query('wallets.list', {})).data as { items: { id: string }[] }
    const ids = idsIn(await buyer.query('events.list', {}))
    expect(new Set(ids)).toEqual(new Set([...own.items.map(({ id }) => id), payment, other]))
    expect(ids.filter((id) => id === payment)).toHaveLength(2)
    expect(ids.filter((id) => id === wallet)).toHaveLength(2)
    for (const seller of [merchant, bystander]) {
      const sold = ((await seller.query('events.list', {})).data as EventPage).items
      const types =
        seller === merchant ? ['wallet.created', 'payment.accepted', 'payment.cancelled'] : ['wallet.created']
      expect(sold.map(({ type }) => type)).toEqual(types)
      expect(sold.every(({ objectId, objectType }) => objectType === 'wallet' || objectId === payment)).toBe(true)
    }
  })

  test('those who watch over the app see all of it, its servers all but people and how they get in', async () => {
    const all = await world.built.services.db
      .selectFrom('event_position')
      .innerJoin('event', (join) =>
        join
          .onRef('event.object_id', '=', 'event_position.object_id')
          .onRef('event.sequence', '=', 'event_position.sequence'),
      )
      .select(['event.object_type', 'event_position.position'])
      .where('event_position.app_id', '=', world.appId)
      .orderBy('position')
      .execute()
    const guarded = ['user', 'session', 'api_key']
    for (const kind of guarded) expect(all.map(({ object_type }) => object_type)).toContain(kind)
    const expected = all.map(({ position }) => position)
    for (const overseer of [officer, auditor, operator])
      expect(
        ((await overseer.query('events.list', {})).data as EventPage).items.map(({ position }) => position),
      ).toEqual(expected)
    const { items } = await world.client.events.list.query({})
    expect(items.map(({ position }) => position)).toEqual(
      all.filter(({ object_type }) => !guarded.includes(object_type)).map(({ position }) => position),
    )
    const { client } = await world.stranger()
    for (const theirs of (await client.events.list.query({ objectId: payment })).items) expect(theirs).toBeNull()
  })

  test('one event is got by its id, by whoever sees it in the list', async () => {
    const id = eventId(payment, 2n)
    const event = await world.client.events.get.query({ eventId: id })
    expect(event).toMatchObject({ id, type: 'payment.cancelled', objectId: payment, sequence: 2n })
    for (const who of [buyer, merchant, officer, auditor, operator])
      expect((await who.query('events.get', { eventId: id })).data).toEqual(event)
    expect((await bystander.query('events.get', { eventId: id })).error?.data.code).toBe('NOT_FOUND')
    expect((await buyer.query('events.get', { eventId: eventId(payment, 3n) })).error?.data.code).toBe('NOT_FOUND')
    const session = await officer.query('events.get', { eventId: eventId(buyer.sessionId, 1n) })
    expect((session.data as ServiceEvent).type).toBe('session.created')
    expect((await buyer.query('events.get', { eventId: eventId(buyer.sessionId, 1n) })).status).toBe(404)
  })

  test('the rule says of a row in memory what it says in the database', async () => {
    const as = ({ userId, sessionId }: Person, roles: AppPrincipal['scopes'] | string[]): AppPrincipal => ({
      ...{ kind: 'user', userId, sessionId, appId: world.appId, scopes: null },
      roles: roles as never,
    })
    const principals: AppPrincipal[] = [
      ...[buyer, merchant, bystander].map((one) => as(one, ['merchant'])),
      ...[officer, auditor, operator].map((one, index) => as(one, [['officer', 'auditor', 'operator'][index]!])),
      { kind: 'service', keyId: randomUUID(), appId: world.appId, scopes: null },
    ]
    const feed = ownedFeedOf(world.built.services.db)
      .select(['event_position.position', 'event.object_type', ...ownerColumns])
      .where('event_position.app_id', '=', world.appId)
      .orderBy('event_position.position')
    const rows = await feed.execute()
    const seen = new Set<number>()
    for (const principal of principals) {
      const { condition, includes } = visibleTo(principal)
      const found = await feed.where(condition).execute()
      expect(rows.filter(includes)).toEqual(found)
      seen.add(found.length)
    }
    expect(Math.min(...seen)).toBeGreaterThan(0)
    expect(seen.size).toBeGreaterThan(3)
  })

  test('a wallet that became theirs is theirs with all that happened to it', async () => {
    const { id: walletId } = await world.wallet(0n)
    const newcomer = await somebody()
    await placeAll(world)
    expect(idsIn(await newcomer.query('events.list', {}))).not.toContain(walletId)
    await world.client.wallets.link.mutate({ walletId, userId: newcomer.userId })
    await placeAll(world)
    const { items } = (await newcomer.query('events.list', { objectId: walletId })).data as EventPage
    expect(items.map(({ type }) => type)).toEqual(['wallet.created', 'wallet.linked'])
  })
})
