import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import { readTransfers } from '../../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { startService } from '../../../sandbox/service.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { environmentOf, nowhere } from '../../http/support/instance.ts'
import { anotherBuyer } from '../../support/buying.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ selling: true, environment: { PURCHASE_TIMEOUT_MS: '20000' } })
})
afterAll(() => world[Symbol.asyncDispose]())

/** What the payee was paid with amounts from one to below another, by amount. */
async function paidBetween(from: bigint, to: bigint): Promise<Map<bigint, number>> {
  const { payee } = world.selling().api
  const transfers = await readTransfers(world.chain.url, world.contracts.usdc)
  const theirs = transfers.filter((one) => one.to === payee && one.amount >= from && one.amount < to)
  return new Map(theirs.map(({ amount }) => [amount, theirs.filter((one) => one.amount === amount).length]))
}

/** What the budgets of an app have counted: of the app, and of its key. */
async function counted(appId: string): Promise<bigint[]> {
  const rows = await world.built.services.db.selectFrom('meter').select('buckets').where('app_id', '=', appId).execute()
  return rows.map(({ buckets }) => buckets.reduce((sum, [, , amount]) => sum + BigInt(amount), 0n))
}

const sum = (values: Iterable<bigint>) => [...values].reduce((total, value) => total + value, 0n)

test('of 50 at once as many are paid as the budget has room for, to the unit, each once', async () => {
  // twenty of the cheapest fit, and less than one more
  const budget = sum(Array.from({ length: 20 }, (_, n) => 5_000n + BigInt(n))) + 4_999n
  const { client, appId } = await anotherBuyer(world, { perApp: budget, ways: ['direct'] })
  const { url } = world.selling().api
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      client.purchases.create
        .mutate({ url: `${url}/weather?price=${5_000 + n}`, maxPrice: 10_000n, idempotencyKey: randomUUID() })
        .catch(errorOf),
    ),
  )
  const bought = answers.filter((one) => 'state' in one)
  const refused = answers.filter((one) => 'code' in one)
  expect(bought.map(({ state }) => state)).toEqual(bought.map(() => 'completed'))
  for (const { code, details } of refused)
    expect({ code, details }).toMatchObject({ code: 'PURCHASE_REFUSED', details: { checks: [{ rule: 'app' }] } })
  const spent = sum(bought.map((one) => one.spent))
  expect(bought.length + refused.length).toBe(50)
  expect(spent).toBeLessThanOrEqual(budget)
  // nobody was refused for whom there was room
  expect(spent + 5_050n).toBeGreaterThan(budget)
  const paid = await paidBetween(5_000n, 5_050n)
  expect(sum(paid.keys())).toBe(spent)
  expect([...paid.values()]).toEqual(bought.map(() => 1))
  expect(await counted(appId)).toEqual([spent, spent])
}, 60_000)

test('a service that is killed in the middle has paid each at most once, and is told to have paid what it has', async () => {
  const { client, appId, apiKey } = await anotherBuyer(world, { ways: ['direct'] })
  const { url, calls } = world.selling().api
  const environment = {
    ...environmentOf(world, nowhere),
    ...{ BUYER_KEY: sandboxSecrets.buyerKey, PURCHASE_TARGETS: 'any', PURCHASE_TIMEOUT_MS: '3000', LEASE_MS: '1000' },
    ...{ WORKERS: 'off', LOG_LEVEL: 'silent' },
  }
  await using service = await startService(environment)
  const there = createClient({ url: service.url, apiKey })
  const prices = Array.from({ length: 24 }, (_, n) => 6_000 + n)
  const buying = prices.map((price, n) =>
    there.purchases.create.mutate({
      // some answer at once, others take their time
      url: `${url}/weather?price=${price}&wait=${(n % 4) * 150}`,
      maxPrice: 10_000n,
      idempotencyKey: `purchase-${price}`,
    }),
  )
  const paidCalls = () => calls.filter(({ path, paid }) => paid && /price=60\d\d/.test(path)).map(({ path }) => path)
  const settledCalls = Promise.allSettled(buying)
  await eventually(async () => expect(paidCalls().length).toBeGreaterThan(5))
  await service.kill()
  const answers = await settledCalls
  expect(answers.some(({ status }) => status === 'rejected')).toBe(true)

  // whoever was asked goes on, and the workers of another instance look for the rest
  const rows = () =>
    world.built.services.db
      .selectFrom('purchase')
      .select(['state', 'price', 'spent', 'failure_reason'])
      .where('app_id', '=', appId)
      .execute()
  await eventually(async () => {
    const open = (await rows()).filter(({ state }) => state === 'requested')
    expect(open).toEqual([])
    const paid = await paidBetween(6_000n, 6_100n)
    expect((await rows()).filter(({ state }) => state === 'completed').length).toBe(paid.size)
  }, 30_000)
  await rpc(world.chain.url, 'evm_increaseTime', [90])
  await rpc(world.chain.url, 'evm_mine')
  await eventually(async () => {
    const states = new Set((await rows()).map(({ state }) => state))
    expect([...states].filter((state) => state !== 'completed' && state !== 'failed')).toEqual([])
  }, 30_000)

  const paid = await paidBetween(6_000n, 6_100n)
  expect([...paid.values()].every((times) => times === 1)).toBe(true)
  expect(new Set(paidCalls()).size).toBe(paidCalls().length)
  const ended = await rows()
  expect(
    ended
      .filter(({ state }) => state === 'completed')
      .map(({ price }) => price)
      .toSorted(),
  ).toEqual([...paid.keys()].toSorted())
  expect(await counted(appId)).toEqual([sum(paid.keys()), sum(paid.keys())])

  // with the same keys nothing is paid again
  for (const [n, price] of prices.entries()) {
    const input = { url: `${url}/weather?price=${price}&wait=${(n % 4) * 150}`, maxPrice: 10_000n }
    const known = ended.find((row) => row.price === BigInt(price) && row.state === 'completed')
    if (known)
      expect(await client.purchases.create.mutate({ ...input, idempotencyKey: `purchase-${price}` })).toMatchObject({
        replayed: true,
        spent: known.spent,
      })
  }
  expect(await paidBetween(6_000n, 6_100n)).toEqual(paid)
}, 120_000)
