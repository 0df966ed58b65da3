import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { reached } from '../support/reached.ts'
import { testWorld, USDC } from '../support/world.ts'

const many = 60

test('payments that move at the same time hardly meet in the database', async () => {
  await using world = await testWorld({ environment: { DEADLINE_MS: '60000', LEASE_MS: '30000' } })
  const paywall = await world.paywall()
  const wallets = await Promise.all(Array.from({ length: many }, () => world.wallet(0n)))
  await world.crossmint.fund(...wallets.map(({ address }) => ({ address, amount: USDC })))
  const before = await retries(world.url)

  const payments = await Promise.all(
    wallets.map(({ id: walletId }) =>
      world.client.payments.create.mutate({ paywallId: paywall.id, walletId, idempotencyKey: randomUUID() }),
    ),
  )
  await Promise.all(payments.map(({ id }) => reached(world, id, 'settled')))

  expect((await retries(world.url)) - before).toBeLessThan(3 * many)
  expect(world.log.filter(({ queue }) => queue === 'transactions')).toEqual([])
})

/** Database transactions that were run again because they met others. */
async function retries(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return [...metrics.matchAll(/^database_retries_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}
