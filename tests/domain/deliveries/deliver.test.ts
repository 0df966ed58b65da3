import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Endpoint, verifyWebhook } from '../../../client-sdk/index.ts'
import { transaction } from '../../../db/transaction.ts'
import { append, emptyTrail, nextStep } from '../../../server/domain/audit/trail.ts'
import { PATIENCE_WITH_ENDPOINTS } from '../../../server/domain/deliveries/health.ts'
import { startSweeper } from '../../../server/workers/sweeper.ts'
import { eventually } from '../../support/eventually.ts'
import { type Received, startReceiver } from '../../support/receiver.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const made = async (client: Client, url: string, types: string[] | null = ['paywall.*']) => {
  const wish = { url, ...(types && { types }), idempotencyKey: randomUUID() }
  const { secret, ...endpoint } = await client.endpoints.create.mutate(wish)
  return { ...endpoint, secret: secret! }
}
const verified = ({ headers, body }: Received, secret: string) => verifyWebhook(secret, { headers, body })
const idsOf = (received: Received[]) => received.map(({ headers }) => headers['webhook-id'])
const deliveriesOf = async (client: Client, { id }: Pick<Endpoint, 'id'>) =>
  (await client.deliveries.list.query({ endpointId: id, limit: 100 })).items

test('an event comes to the endpoint once, signed, and says what happened', async () => {
  const { client, appId } = await world.stranger()
  await using receiver = await startReceiver()
  const endpoint = await made(client, receiver.url)
  const { id } = await client.wallets.create.mutate({ owner: 'nobody-asked' })
  const paywall = await openPaywall(client)

  await eventually(async () => expect(receiver.received).toHaveLength(1))
  const [received] = receiver.received
  const event = await verified(received!, endpoint.secret)
  expect(event).toMatchObject({
    type: 'paywall.created',
    objectId: paywall.id,
    appId,
    sequence: 1n,
    data: { title: 'A' },
  })
  expect(received!.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': event.id })
  expect(received!.body).not.toContain(id)
  const [delivery] = await eventually(async () => {
    const all = await deliveriesOf(client, endpoint)
    expect(all).toMatchObject([{ state: 'delivered', attempts: 1, status: 204, eventId: event.id }])
    return all
  })
  const told = await client.deliveries.get.query({ deliveryId: delivery!.id })
  expect(told).toMatchObject({
    body: received!.body,
    log: [{ number: 1, status: 204, url: receiver.url, failure: null }],
  })
})

test('whatever is no 2xx is tried again, with the very same bytes and id, and every try is told', async () => {
  const { client } = await world.stranger()
  const answers = [0, 500, 400, 302, 404, 200]
  await using receiver = await startReceiver((response) => {
    const status = answers.shift()!
    if (status === 0) response.destroy()
    else response.writeHead(status, status === 302 ? { location: world.url } : {}).end(`answer\u0000 ${status}`)
  })
  const endpoint = await made(client, receiver.url)
  await openPaywall(client)

  const { id } = await eventually(async () => {
    const [delivery] = await deliveriesOf(client, endpoint)
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 6 })
    return delivery!
  })
  expect(receiver.received).toHaveLength(6)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  expect(new Set(idsOf(receiver.received)).size).toBe(1)
  for (const received of receiver.received) await verified(received, endpoint.secret)
  const { log } = await client.deliveries.get.query({ deliveryId: id })
  expect(log.map(({ status, failure, response }) => [status, failure, response])).toEqual([
    [null, 'reset', null],
    [500, 'status', 'answer  500'],
    [400, 'status', 'answer  400'],
    [302, 'redirect', 'answer  302'],
    [404, 'status', 'answer  404'],
    [200, null, 'answer  200'],
  ])
  expect((await client.endpoints.get.query({ endpointId: endpoint.id })).failingSince).toBeNull()
})

test('an endpoint is told of the types that it asked for, and from now on', async () => {
  const { client } = await world.stranger()
  await openPaywall(client)
  await allPlaced()
  await using receiver = await startReceiver()
  const [updates, all] = [
    await made(client, `${receiver.url}?updates`, ['*.updated', 'hold.placed']),
    await made(client, `${receiver.url}?all`, ['*']),
  ]
  const paywall = await openPaywall(client)
  await client.paywalls.update.mutate({ paywallId: paywall.id, price: 2n })

  await eventually(async () => expect(await typesOf(client, updates)).toEqual(['paywall.updated']))
  await eventually(async () =>
    expect(await typesOf(client, all)).toEqual(['endpoint.created', 'paywall.created', 'paywall.updated']),
  )
})

test('a ping comes whatever the endpoint is told of, and to no other', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver()
  const [silent, other] = [await made(client, receiver.url, ['hold.placed']), await made(client, receiver.url, ['*'])]
  const idempotencyKey = randomUUID()
  const { eventId } = await client.endpoints.ping.mutate({ endpointId: silent.id, idempotencyKey })
  expect(await client.endpoints.ping.mutate({ endpointId: silent.id, idempotencyKey })).toEqual({ eventId })

  await eventually(async () => expect(await typesOf(client, silent)).toEqual(['endpoint.pinged']))
  await openPaywall(client)
  await eventually(async () => expect(await typesOf(client, other)).toContain('paywall.created'))
  expect(await typesOf(client, other)).not.toContain('endpoint.pinged')
  const ping = receiver.received.find(({ headers }) => headers['webhook-id'] === eventId)
  expect(await verified(ping!, silent.secret)).toMatchObject({ type: 'endpoint.pinged', objectId: silent.id })
})

test('while a secret is changed, the one before signs beside the new one, and never a third', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver()
  const endpoint = await made(client, receiver.url)
  const rotated = async () => {
    const rotation = { endpointId: endpoint.id, idempotencyKey: randomUUID() }
    const { secret } = await client.endpoints.rotateSecret.mutate(rotation)
    expect(await client.endpoints.rotateSecret.mutate(rotation)).toMatchObject({ secret: null, replayed: true })
    return secret!
  }
  const next = async () => {
    const before = receiver.received.length
    await openPaywall(client)
    await eventually(async () => expect(receiver.received).toHaveLength(before + 1))
    return receiver.received[before]!
  }
  const second = await rotated()
  const signedByTwo = await next()
  for (const secret of [endpoint.secret, second]) await verified(signedByTwo, secret)

  const third = await rotated()
  const signedByTheLastTwo = await next()
  for (const secret of [second, third]) await verified(signedByTheLastTwo, secret)
  await expect(verified(signedByTheLastTwo, endpoint.secret)).rejects.toThrow('None of its signatures')

  await world.built.services.db
    .updateTable('endpoint_secret')
    .set({ expires_at: new Date() })
    .where('endpoint_id', '=', endpoint.id)
    .where('expires_at', 'is not', null)
    .execute()
  const signedByOne = await next()
  await verified(signedByOne, third)
  await expect(verified(signedByOne, second)).rejects.toThrow('None of its signatures')
})

describe('what was sent is sent again', () => {
  test.for<[string, (sent: { id: string; objectId: string; endpointId: string; from: Date }) => object]>([
    ['by its id', ({ id }) => ({ deliveryId: id })],
    ['by its object', ({ objectId }) => ({ objectId })],
    ['by its time', ({ endpointId, from }) => ({ endpointId, from, to: new Date(from.getTime() + 60_000) })],
  ])('%s, with the same bytes', async ([, limits]) => {
    const { client } = await world.stranger()
    await using receiver = await startReceiver()
    const endpoint = await made(client, receiver.url)
    const { id: objectId } = await openPaywall(client)
    const delivered = (attempts: number) =>
      eventually(async () => {
        const [delivery] = await deliveriesOf(client, endpoint)
        expect(delivery).toMatchObject({ state: 'delivered', attempts })
        return delivery!
      })
    const { id, createdAt: from } = await delivered(1)
    const sent = { id, objectId, endpointId: endpoint.id, from }
    const wish = { ...limits(sent), idempotencyKey: randomUUID() }
    expect(await client.deliveries.resend.mutate(wish)).toEqual({ resent: 1 })
    await delivered(2)
    expect(await client.deliveries.resend.mutate(wish)).toEqual({ resent: 1 })
    await delivered(2)
    expect(receiver.received).toHaveLength(2)
    expect(receiver.received[1]!.body).toBe(receiver.received[0]!.body)
    await verified(receiver.received[1]!, endpoint.secret)
  })

  test('and not without saying what', async () => {
    const { client } = await world.stranger()
    const nothing = { state: 'failed', idempotencyKey: randomUUID() } as const
    await expect(client.deliveries.resend.mutate(nothing)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

test('what happens while an endpoint is disabled comes once it is enabled, in order', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver()
  const endpoint = await made(client, receiver.url)
  await client.endpoints.disable.mutate({ endpointId: endpoint.id })
  const { id: paywallId } = await openPaywall(client)
  for (let price = 2n; price < 5n; price++) await client.paywalls.update.mutate({ paywallId, price })
  await allPlaced()
  const other = await made(client, receiver.url.replace('webhooks', 'other'))
  await client.paywalls.update.mutate({ paywallId, price: 9n })
  await eventually(async () => expect(await deliveriesOf(client, other)).toMatchObject([{ state: 'delivered' }]))
  expect(receiver.received).toHaveLength(1)
  expect(await deliveriesOf(client, endpoint)).toEqual([])

  await client.endpoints.enable.mutate({ endpointId: endpoint.id })
  await eventually(async () => expect(receiver.received).toHaveLength(6))
  const events = await Promise.all(receiver.received.slice(1).map((received) => verified(received, endpoint.secret)))
  expect(events.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n, 4n, 5n])
})

test('an endpoint that answers 410 is disabled, says so in the feed, and loses nothing', async () => {
  const { client } = await world.stranger()
  let status = 410
  await using receiver = await startReceiver((response) => response.writeHead(status).end())
  await using watching = await startReceiver()
  const watcher = await made(client, watching.url, ['endpoint.disabled'])
  const endpoint = await made(client, receiver.url)
  await openPaywall(client)
  await eventually(async () =>
    expect(await client.endpoints.get.query({ endpointId: endpoint.id })).toMatchObject({
      state: 'disabled',
      disabledBecause: 'gone',
      disabledAt: expect.any(Date),
    }),
  )
  await eventually(async () => expect(watching.received).toHaveLength(1))
  expect(await verified(watching.received[0]!, watcher.secret)).toMatchObject({
    objectId: endpoint.id,
    data: { because: 'gone', url: new URL(receiver.url).origin },
  })
  await eventually(async () =>
    expect(await deliveriesOf(client, endpoint)).toMatchObject([{ state: 'waiting', status: 410 }]),
  )
  status = 200
  await client.endpoints.enable.mutate({ endpointId: endpoint.id })
  await eventually(async () => expect(await deliveriesOf(client, endpoint)).toMatchObject([{ state: 'delivered' }]))
  expect(receiver.received).toHaveLength(2)
})

test('what the URL of before answers says nothing of the one that an endpoint has now', async () => {
  const { client } = await world.stranger()
  const held: (() => void)[] = []
  await using before = await startReceiver((response) => held.push(() => response.writeHead(410).end()))
  await using now = await startReceiver()
  const endpoint = await made(client, before.url)
  await openPaywall(client)
  await eventually(async () => expect(held).toHaveLength(1))
  await client.endpoints.update.mutate({ endpointId: endpoint.id, url: now.url })
  held[0]!()
  const delivery = await eventually(async () => {
    const [one] = await deliveriesOf(client, endpoint)
    expect(one).toMatchObject({ state: 'delivered', attempts: 2 })
    return one!
  })
  const { log } = await client.deliveries.get.query({ deliveryId: delivery.id })
  expect(log.map(({ url, status }) => [url, status])).toEqual([
    [before.url, 410],
    [now.url, 204],
  ])
  expect(await client.endpoints.get.query({ endpointId: endpoint.id })).toMatchObject({
    state: 'enabled',
    failingSince: null,
  })
})

test('an endpoint that has failed for three days is disabled, and what it missed waits', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver((response) => response.writeHead(503).end())
  const endpoint = await made(client, receiver.url)
  await openPaywall(client)
  await eventually(async () =>
    expect((await client.endpoints.get.query({ endpointId: endpoint.id })).failingSince).toBeInstanceOf(Date),
  )
  await world.built.services.db
    .updateTable('endpoint')
    .set({ failing_since: new Date(Date.now() - PATIENCE_WITH_ENDPOINTS) })
    .where('id', '=', endpoint.id)
    .execute()
  await eventually(async () =>
    expect(await client.endpoints.get.query({ endpointId: endpoint.id })).toMatchObject({
      state: 'disabled',
      disabledBecause: 'failing',
    }),
  )
  await eventually(async () => expect(await deliveriesOf(client, endpoint)).toMatchObject([{ state: 'waiting' }]))
})

test('an endpoint that is dead is left alone but for a try now and then, and holds up no other', async () => {
  const { client } = await world.stranger()
  await using dead = await startReceiver(() => {}) // answers nothing
  await using alive = await startReceiver()
  const [waiting] = [await made(client, dead.url), await made(client, alive.url)]
  const count = 24
  await Promise.all(Array.from({ length: count }, () => openPaywall(client)))
  await eventually(async () => expect(alive.received).toHaveLength(count))
  // two rounds of eight that hang for a second each, and then one at a time
  await eventually(async () => expect(dead.received.length).toBeGreaterThan(16))
  const after = dead.received.slice(16)
  for (const [index, { at }] of after.entries()) if (index > 0) expect(at - after[index - 1]!.at).toBeGreaterThan(900)
  expect((await deliveriesOf(client, waiting!)).every(({ state }) => state === 'waiting')).toBe(true)
})

test('the later event of an object does not set out before the first try of the earlier one is over', async () => {
  const { client } = await world.stranger()
  const held: (() => void)[] = []
  await using receiver = await startReceiver((response) => held.push(() => response.writeHead(500).end()))
  const endpoint = await made(client, receiver.url)
  const { id: paywallId } = await openPaywall(client)
  await client.paywalls.update.mutate({ paywallId, price: 2n })
  const others = await openPaywall(client)
  await eventually(async () => expect(receiver.received).toHaveLength(2))
  const events = await Promise.all(receiver.received.map((received) => verified(received, endpoint.secret)))
  expect(events.map(({ objectId, sequence }) => `${objectId} ${sequence}`).sort()).toEqual(
    [`${paywallId} 1`, `${others.id} 1`].sort(),
  )
  for (const answer of held) answer()
  await eventually(async () => {
    const seen = await Promise.all(receiver.received.map((received) => verified(received, endpoint.secret)))
    expect(seen).toContainEqual(expect.objectContaining({ objectId: paywallId, sequence: 2n }))
  })
})

test("the platform's endpoint is told of the attention that a payment of any app needs, of apps made later too", async () => {
  await using receiver = await startReceiver()
  const { operator } = world
  const endpoint = await made(operator, receiver.url, null)
  expect(endpoint).toMatchObject({ appId: null, types: ['*.attention', 'endpoint.disabled', 'report.failed'] })
  const { client, appId } = await world.stranger()
  const gone = await made(client, receiver.url)
  await client.endpoints.disable.mutate({ endpointId: gone.id })
  await eventually(async () => expect(receiver.received).toHaveLength(1))
  expect(await verified(receiver.received[0]!, endpoint.secret)).toMatchObject({ type: 'endpoint.disabled', appId })

  const attention = await tellOf('payment.attention', appId)
  await eventually(async () => expect(receiver.received).toHaveLength(2))
  expect(await verified(receiver.received[1]!, endpoint.secret)).toMatchObject({ objectId: attention, appId })
  await expect(client.endpoints.get.query({ endpointId: endpoint.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await client.endpoints.list.query({})).items.map(({ id }) => id)).toEqual([gone.id])
  await operator.endpoints.delete.mutate({ endpointId: endpoint.id })
})

test('the secret of an endpoint is in the answer that makes it, and nowhere else', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver((response) => response.writeHead(500).end('no'))
  const endpoint = await made(client, `${receiver.url}/canary?token=canary`)
  const again = await client.endpoints.rotateSecret.mutate({ endpointId: endpoint.id, idempotencyKey: randomUUID() })
  await openPaywall(client)
  await eventually(async () => expect(receiver.received.length).toBeGreaterThan(1))
  const [one, all, deliveries] = [
    await client.endpoints.get.query({ endpointId: endpoint.id }),
    await client.endpoints.list.query({}),
    await deliveriesOf(client, endpoint),
  ]
  const log = await client.deliveries.get.query({ deliveryId: deliveries[0]!.id })
  const { db } = world.built.services
  const leaves = await db.selectFrom('audit').select('body').where('stream', '=', endpoint.id).execute()
  const events = await db.selectFrom('event').select('data').where('object_id', '=', endpoint.id).execute()
  const told = JSON.stringify([one, all, deliveries, log, events, world.log, leaves.map(({ body }) => body.toString())])
  for (const secret of [endpoint.secret, again.secret!]) expect(told).not.toContain(secret.slice('whsec_'.length))
  expect(JSON.stringify([events, world.log, leaves.map(({ body }) => body.toString())])).not.toContain('canary')
})

test('an endpoint that was deleted is told of nothing, and what waited for it has failed', async () => {
  const { client } = await world.stranger()
  await using receiver = await startReceiver((response) => response.writeHead(500).end())
  const endpoint = await made(client, receiver.url)
  await openPaywall(client)
  await eventually(async () => expect(receiver.received.length).toBeGreaterThan(0))
  expect(await client.endpoints.delete.mutate({ endpointId: endpoint.id })).toMatchObject({ state: 'deleted' })
  expect((await client.endpoints.list.query({})).items).toEqual([])
  expect(await deliveriesOf(client, endpoint)).toMatchObject([{ state: 'failed' }])
  const resend = { endpointId: endpoint.id, state: 'failed', idempotencyKey: randomUUID() } as const
  await expect(client.deliveries.resend.mutate(resend)).rejects.toMatchObject({ code: 'ENDPOINT_DELETED' })
})

test('an endpoint is deleted whatever waits for it, and what a delete left waiting fails by the sweeper or the next', async () => {
  const { client, appId } = await world.stranger()
  await using receiver = await startReceiver()
  const { id: endpointId } = await made(client, receiver.url)
  await client.endpoints.disable.mutate({ endpointId })
  const { db } = world.built.services
  const wait = async (count: number) => {
    const at = new Date()
    const rows = Array.from({ length: count }, () => ({
      ...{ id: randomUUID(), endpoint_id: endpointId, app_id: appId, object_id: randomUUID(), sequence: 1n },
      ...{ type: 'paywall.created', state: 'waiting' as const, attempts: 0, spent: 0 },
      ...{ next_attempt_at: at, created_at: at },
    }))
    await db.insertInto('delivery').values(rows).execute()
  }
  const failed = async () => {
    const rows = await db
      .selectFrom('delivery')
      .select(['state', 'failure'])
      .where('endpoint_id', '=', endpointId)
      .execute()
    expect(new Set(rows.map(({ state, failure }) => `${state} ${failure}`))).toEqual(
      new Set(['failed endpoint_deleted']),
    )
    return rows.length
  }
  await wait(2_500)
  await client.endpoints.delete.mutate({ endpointId })
  const sweeper = startSweeper(world.built.services)
  await eventually(async () => expect(await failed()).toBe(2_500))
  await sweeper.stop()
  await wait(1)
  await client.endpoints.delete.mutate({ endpointId })
  expect(await failed()).toBe(2_501)
  expect(receiver.received).toEqual([])
})

/** Waits until all that has happened has its place in the feed: an endpoint is told of what gets its place from then on. */
const allPlaced = () =>
  eventually(async () =>
    expect(await world.built.services.db.selectFrom('event_unplaced').select('sequence').limit(1).execute()).toEqual(
      [],
    ),
  )

const typesOf = async (client: Client, endpoint: Pick<Endpoint, 'id'>) => {
  const deliveries = await deliveriesOf(client, endpoint)
  expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true)
  return deliveries.map(({ type }) => type).sort()
}

/** Writes an event of an app as a worker would, about something that nobody looks for. */
async function tellOf(type: 'payment.attention', appId: string): Promise<string> {
  const id = randomUUID()
  const principal = { kind: 'system', name: 'tracker' } as const
  const object = { type: 'payment', id, appId } as const
  const step = nextStep(emptyTrail, { object, principal, type, at: new Date(), data: { reason: 'unknown_outcome' } })
  await transaction(world.built.services.db, (trx) => append(trx, step))
  return id
}

async function openPaywall(client: Client) {
  const terms = { title: 'A', assetId: world.assetId, price: 1n, recipient: world.agent }
  return client.paywalls.create.mutate({ ...terms, idempotencyKey: randomUUID() })
}
