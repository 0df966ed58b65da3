import { performance } from 'node:perf_hooks'
import { verifyWebhook } from '../../../client-sdk/index.ts'
import { eventually } from '../../support/eventually.ts'
import { startReceiver } from '../../support/receiver.ts'
import { inTurns, startSetting } from '../setting.ts'
import { definePart } from './part.ts'

/** Objects that something happens to by turns. */
const OBJECTS = 200

/** Seconds that do not count: connections are opened, code gets warm. */
const WARM = 3

export const deliveries = definePart({
  options: {
    eventRate: { says: 'events a second that are told', byDefault: 200 },
    eventSeconds: { says: 'seconds of that', byDefault: 20 },
  },
  figures: {
    deliveryRate: { says: 'events delivered a second', unit: '/s' },
    deliveryP50: { says: 'half are with the endpoint within', unit: 'ms', atMost: 100 },
    deliveryP99: { says: '99 of 100 are with the endpoint within', unit: 'ms', atMost: 750 },
    deliveriesLost: { says: 'events that did not come, or came in another order', unit: '', atMost: 0 },
  },

  async run({ options, say }) {
    const [rate, seconds] = [options.eventRate!, options.eventSeconds!]
    say(`Deliveries: ${rate} events a second on ${OBJECTS} objects, fsync on, one endpoint.\n`)
    await using setting = await startSetting({ wallets: 0, paywalls: OBJECTS })
    const arrivals: { id: string; body: string; wall: number }[] = []
    await using receiver = await startReceiver((response, { headers, body }) => {
      arrivals.push({ id: String(headers['webhook-id']), body, wall: performance.timeOrigin + performance.now() })
      response.writeHead(204).end()
    })
    const { client, paywalls } = setting
    const endpoint = await client.endpoints.create.mutate({
      url: receiver.url,
      types: ['paywall.updated'],
      idempotencyKey: crypto.randomUUID(),
    })

    const count = rate * (seconds + WARM)
    const began = performance.now()
    await inTurns(count, 64, async (index) => {
      const due = began + (index * 1000) / rate
      const early = due - performance.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
      const { id: paywallId, price } = paywalls[index % OBJECTS]!
      await client.paywalls.update.mutate({ paywallId, price: price + BigInt(index) })
    })
    const spent = (performance.now() - began) / 1000
    await eventually(async () => {
      if (new Set(arrivals.map(({ id }) => id)).size < count) throw new Error('not all have come')
    }, 30_000).catch((error: Error) => say(error.message))

    const { headers, body } = receiver.received.at(-1)!
    await verifyWebhook(endpoint.secret!, { headers, body })
    const events = arrivals.map(({ body, wall }) => {
      const { timestamp, data } = JSON.parse(body)
      return { object: data.object.id as string, sequence: data.sequence as number, wait: wall - Date.parse(timestamp) }
    })
    const inOrder = [...Map.groupBy(events, ({ object }) => object).values()].every((of) =>
      of.every(({ sequence }, index) => index === 0 || sequence >= of[index - 1]!.sequence),
    )
    const waits = events
      .slice(rate * WARM)
      .map(({ wait }) => wait)
      .sort((one, other) => one - other)
    const share = (of: number) => waits[Math.min(waits.length - 1, Math.ceil(of * waits.length) - 1)]!
    const lost = count - new Set(arrivals.map(({ id }) => id)).size
    return {
      deliveryRate: count / spent,
      deliveryP50: share(0.5),
      deliveryP99: share(0.99),
      deliveriesLost: lost + (inOrder ? 0 : 1),
    }
  },
})
