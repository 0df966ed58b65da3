import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { createClient, events, type ServiceEvent } from '../../client-sdk/index.ts'
import { eventually } from '../support/eventually.ts'
import { feedIn, headIn, seenByKey, writeEvents } from '../support/feed.ts'
import { tcpSwitch } from '../support/tcp-switch.ts'
import { testWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const openCount = async () => (await world.built.services.metrics.openStreams.get()).values[0]?.value ?? 0

/** Collects what is told until it is ended. */
function collect(told: AsyncIterable<ServiceEvent>) {
  const seen: ServiceEvent[] = []
  const ended = (async () => {
    for await (const event of told) seen.push(event)
  })()
  ended.catch(() => {}) // seen by whoever ends it
  return { seen, ended }
}

test('tells what happens from now on, until its signal', async () => {
  const from = await headIn(world)
  const leaving = new AbortController()
  const { seen, ended } = collect(events(world.client, { signal: leaving.signal }))
  await eventually(async () => expect(await openCount()).toBe(1))
  await world.paywall()
  await eventually(() => expect(seen).toHaveLength(1))
  expect(seen).toEqual(seenByKey(await feedIn(world, from)))
  const reason = new Error('the page is left')
  leaving.abort(reason)
  await expect(ended).rejects.toBe(reason)
  await eventually(async () => expect(await openCount()).toBe(0))
})

test('leaves nothing out when it breaks before the first event', async () => {
  await using balancer = await tcpSwitch([world.url])
  const client = createClient({ url: balancer.url, apiKey: world.apiKey })
  const from = await headIn(world)
  const [begun, seen] = [Promise.withResolvers<void>(), [] as ServiceEvent[]]
  const subscription = client.events.on.subscribe(
    {},
    { onStarted: () => begun.resolve(), onData: ({ data }) => seen.push(data) },
  )
  await begun.promise
  balancer.cut()
  await eventually(async () => expect(await openCount()).toBe(0))
  await world.paywall()
  await eventually(() => expect(seen).toHaveLength(1))
  expect(seen).toEqual(seenByKey(await feedIn(world, from)))
  subscription.unsubscribe()
  await eventually(async () => expect(await openCount()).toBe(0))
})

test('asks for events where streams are held back', async () => {
  // takes streams and answers nothing, as proxies do that wait for the end
  const proxy = createServer((request, response) => {
    if (request.url!.startsWith('/trpc/events.on')) return
    request.pipe(
      forward(`${world.url}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      }),
    )
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const client = createClient({
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    apiKey: world.apiKey,
  })
  const from = await headIn(world)
  const leaving = new AbortController()
  const told = [
    collect(events(client, { signal: leaving.signal, patience: 200 })),
    collect(events(client, { signal: leaving.signal, patience: 200, from, types: ['wallet.created'] })),
  ]
  // it begins when it first asks
  await eventually(async () => {
    await world.paywall()
    expect(told[0]!.seen.length).toBeGreaterThan(0)
  })
  await world.wallet(0n)
  await eventually(() => expect(told[1]!.seen).toHaveLength(1))
  await eventually(() => expect(told[0]!.seen.at(-1)?.type).toBe('wallet.created'))
  const positions = told[0]!.seen.map(({ position }) => position)
  expect(positions).toEqual(positions.map((_, n) => positions[0]! + BigInt(n)))
  leaving.abort()
  await Promise.allSettled(told.map(({ ended }) => ended))
  proxy.closeAllConnections()
  proxy.close()
})

test('whoever takes their time holds no more than some events, and gets all', async () => {
  const from = await headIn(world)
  const count = 3_000
  await writeEvents(world, count, 10)
  const told = events(world.client, { from })
  const first = await told.next()
  await eventually(async () => expect(await openCount()).toBe(1))
  const positions = [(first.value as ServiceEvent).position]
  while (positions.length < count) positions.push(((await told.next()).value as ServiceEvent).position)
  expect(positions).toEqual(Array.from({ length: count }, (_, n) => from + BigInt(n + 1)))
  await told.return()
  await eventually(async () => expect(await openCount()).toBe(0))
})

test('rejects with the typed error where no repetition helps', async () => {
  const nobody = createClient({ url: world.url, apiKey: `psk_${'x'.repeat(43)}` })
  await expect(collect(events(nobody)).ended).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
  await expect(collect(events(world.client, { from: 10n ** 12n })).ended).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})

test('an event is known by its type', async () => {
  for await (const event of events(world.client, { from: 0n, types: ['paywall.created'] })) {
    if (event.type !== 'paywall.created') continue
    expectTypeOf(event.data.price).toEqualTypeOf<string>()
    break
  }
})
