import { expect, test } from 'vitest'
import type { Services } from '../../server/services.ts'
import { startSequencer } from '../../server/workers/sequencer.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld } from '../support/world.ts'

test('of two instances one gives the places, and the other goes on at once when it stops', async () => {
  await using world = await testWorld({ workers: false })
  const { client, appId } = await world.stranger()
  const told = [0, 0]
  const start = ({ services }: { services: Services }, index: number) =>
    startSequencer({
      ...services,
      nudge: {
        ...services.nudge,
        feed(apps) {
          if (apps.includes(appId)) told[index]!++
        },
      },
    })
  const first = start(world.instance(), 0)
  const seen: bigint[] = []
  const readTo = (length: number) =>
    eventually(async () => {
      const { items } = await client.events.list.query({ cursor: String(seen.at(-1) ?? 0n) })
      seen.push(...items.map(({ position }) => position))
      expect(seen.length).toBeGreaterThanOrEqual(length)
    })
  // the creation of the app, and that of its key, which a key does not see
  await readTo(1)
  const second = start(world.instance(), 1)
  for (let n = 0; n < 5; n++) await client.wallets.create.mutate({ owner: `early-${n}` })
  await readTo(6)
  expect(told[1]).toBe(0)

  const before = told[0]!
  await first.stop()
  const wallets = Array.from({ length: 5 }, (_, n) => client.wallets.create.mutate({ owner: `late-${n}` }))
  await Promise.all(wallets)
  await readTo(11)
  await second.stop()
  expect(told[0]).toBe(before)
  expect(told[1]).toBeGreaterThan(0)
  expect(seen).toEqual([1n, ...Array.from({ length: 10 }, (_, n) => BigInt(n + 3))])
})
