import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createClient, events, pay } from '../../client-sdk/index.ts'
import { startService } from '../../sandbox/service.ts'
import type { ServiceEvent } from '../../server/contract/events.ts'
import { seededRandom } from '../bench/statistics.ts'
import { environmentOf, nowhere } from '../http/support/instance.ts'
import { eventually } from '../support/eventually.ts'
import { feedIn, headIn, seenByKey } from '../support/feed.ts'
import { tcpSwitch } from '../support/tcp-switch.ts'
import { testWorld } from '../support/world.ts'

const soak = process.env.SOAK !== undefined
const CUTS = soak ? 200 : 12
const seed = Number(process.env.SEED ?? 1)

test(`${CUTS} cuts before two instances while payments settle: every event comes once, in order`, {
  timeout: soak ? 600_000 : 90_000,
}, async () => {
  await using world = await testWorld()
  // neither places events nor works: they hear of what another process writes from the database alone
  const environment = { ...environmentOf(world, nowhere), WORKERS: 'off', LOG_LEVEL: 'warn' }
  await using one = await startService(environment)
  await using other = await startService(environment)
  await using balancer = await tcpSwitch([one.url, other.url])
  const client = createClient({ url: balancer.url, apiKey: world.apiKey })
  const random = seededRandom(seed)
  const from = await headIn(world)

  const done = new AbortController()
  const [iterated, subscribed]: ServiceEvent[][] = [[], []]
  const iterating = (async () => {
    for await (const event of events(client, { from, signal: done.signal })) iterated!.push(event)
  })().catch((error) => done.signal.aborted || Promise.reject(error))
  const subscription = client.events.on.subscribe(
    { lastEventId: String(from) },
    { onData: ({ data }) => subscribed!.push(data) },
  )

  let paying = true
  const settled: string[] = []
  const buyer = async () => {
    const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet(10n ** 12n)])
    while (paying) {
      const { id } = await pay(world.client, {
        paywallId: paywall.id,
        walletId: wallet.id,
        idempotencyKey: randomUUID(),
      })
      settled.push(id)
    }
  }
  const buyers = [buyer(), buyer(), buyer()]
  for (let cuts = 0; cuts < CUTS; ) {
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    if (balancer.cut() > 0) cuts++
  }
  paying = false
  await Promise.all(buyers)

  const last = await headIn(world)
  const expected = seenByKey(await feedIn(world, from))
  await eventually(() => {
    expect(iterated!.at(-1)?.position).toBe(last)
    expect(subscribed!.at(-1)?.position).toBe(last)
  })
  done.abort()
  subscription.unsubscribe()
  await iterating

  expect(settled.length).toBeGreaterThan(3)
  expect(Math.min(...balancer.given)).toBeGreaterThan(CUTS / 4)
  for (const told of [iterated!, subscribed!]) {
    expect(told).toEqual(expected)
    for (const ofOne of Map.groupBy(told, ({ objectId }) => objectId).values())
      expect(ofOne.map(({ sequence }) => sequence)).toEqual(ofOne.map((_, n) => ofOne[0]!.sequence + BigInt(n)))
  }
})
