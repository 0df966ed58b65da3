import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startService } from '../../../sandbox/service.ts'
import { environmentOf, nowhere } from '../../http/support/instance.ts'
import { eventually } from '../../support/eventually.ts'
import { startReceiver } from '../../support/receiver.ts'
import { testWorld } from '../../support/world.ts'

/** `npm run soak` makes more of it. */
const soak = process.env.SOAK !== undefined
const [objects, changes, kills] = soak ? [400, 4, 3] : [40, 2, 1]
const count = objects * (1 + changes)

/** How an endpoint fails, by turns, at two of five requests. */
const faults = ['bad request', 'unavailable', 'hang', 'reset', 'redirect'] as const

test(`${count} events reach an endpoint that fails at 40 % of them, though the service is killed ${kills} times`, {
  timeout: soak ? 900_000 : 90_000,
}, async () => {
  await using world = await testWorld({ workers: false })
  const { client } = world
  const bodies = new Map<string, Set<string>>()
  const firsts: string[] = []
  const taken = new Set<string>()
  const met = new Set<string>()
  let requests = 0
  await using receiver = await startReceiver((response, { headers, body }) => {
    const id = String(headers['webhook-id'])
    if (!bodies.has(id)) firsts.push(body)
    bodies.set(id, (bodies.get(id) ?? new Set()).add(body))
    const number = requests++
    const fault = number % 5 < 2 ? faults[Math.floor(number / 5) % faults.length]! : null
    if (fault) met.add(fault)
    if (fault === 'hang') return
    if (fault === 'reset') return response.socket?.resetAndDestroy()
    if (fault === 'redirect') return response.writeHead(302, { location: receiver.url }).end()
    if (fault) return response.writeHead(fault === 'bad request' ? 400 : 503).end(fault)
    taken.add(id)
    response.writeHead(200).end('taken')
  })
  const { id: endpointId } = await client.endpoints.create.mutate({
    url: receiver.url,
    types: ['paywall.*'],
    idempotencyKey: randomUUID(),
  })
  const environment = {
    ...environmentOf(world, nowhere),
    ...{ LOG_LEVEL: 'error', LEASE_MS: '500', WEBHOOK_TARGETS: 'any', WEBHOOK_TIMEOUT_MS: '500' },
    WEBHOOK_WAITS: Array(30).fill('0.1').join(','),
    ...{ REPORT_SCHEDULE: 'off', RETENTION_SCHEDULE: 'off' },
  }
  const running = { service: await startService(environment) }
  await using _ended = { [Symbol.asyncDispose]: () => running.service.stop() }

  const ids = new Set<string>()
  const happening = (async () => {
    for (let index = 0; index < objects; index++) {
      const { id: paywallId } = await world.paywall()
      ids.add(paywallId)
      for (let price = 2n; price < 2n + BigInt(changes); price++)
        await client.paywalls.update.mutate({ paywallId, price })
    }
  })()
  happening.catch(() => {}) // seen below
  for (let kill = 1; kill <= kills; kill++) {
    await eventually(async () => expect(taken.size).toBeGreaterThan((count * kill) / (kills + 2)), 300_000)
    await running.service.kill()
    running.service = await startService(environment)
  }
  await happening
  await eventually(async () => expect(taken.size).toBe(count), 300_000)

  expect([...met].sort()).toEqual([...faults].sort())
  for (const [id, its] of bodies) expect(its.size, id).toBe(1)
  // no gap in any object's sequence, and none was sent before the one before it
  const told = Map.groupBy(
    firsts.map((body) => JSON.parse(body).data),
    ({ object }) => object.id as string,
  )
  expect(new Set(told.keys())).toEqual(ids)
  for (const events of told.values())
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1 + changes }, (_, index) => index + 1))
  // the service knows all of it, and wrote none twice
  await eventually(async () => {
    const { db } = world.built.services
    const rows = await db.selectFrom('delivery').select('state').where('endpoint_id', '=', endpointId).execute()
    expect(rows.length).toBe(count)
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['delivered']))
  }, 60_000)
})
