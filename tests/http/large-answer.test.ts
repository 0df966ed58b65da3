import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { testWorld, USDC } from '../support/world.ts'

test('a page of the most and largest rows arrives, though it is more than a socket buffers', async () => {
  await using world = await testWorld({ workers: false })
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet(USDC)])
  const pay = () =>
    world.client.payments.create.mutate({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() })
  for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 10 }, pay))

  const input = encodeURIComponent(JSON.stringify({ json: { limit: 100 } }))
  const answer = await fetch(`${world.url}/trpc/payments.list?input=${input}`, {
    headers: { authorization: `Bearer ${world.apiKey}` },
    signal: AbortSignal.timeout(5_000),
  })
  const text = await answer.text()

  expect(text.length).toBeGreaterThan(64 * 1024)
  expect(JSON.parse(text).result.data.json.items).toHaveLength(100)
})
