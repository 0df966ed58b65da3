import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient, errorOf, type ProviderServiceError } from '../../../client-sdk/index.ts'
import type { AcceptedPayment, Paywall, Wallet } from '../../../server/contract/entities.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { type Instance, instance } from '../../http/support/instance.ts'
import { worldElsewhere } from '../../http/support/world-of.ts'
import { publish } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
let paywall: Paywall
/** Two instances of the service on one database. */
let two: [Instance, Instance]
/** What the clocks of both are ahead. */
let ahead = 0
beforeAll(async () => {
  world = await testWorld({ workers: false })
  const clock = { now: () => new Date(Date.now() + ahead) }
  two = [await instance(world, {}, { clock }), await instance(world, {}, { clock })]
  paywall = await world.paywall({ price: 7n })
})
afterAll(async () => {
  for (const one of two) await one[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const DAY = 86_400
const perWallet = (patch: Partial<Extract<Rule, { rule: 'limit' }>> = {}): Rule => ({
  rule: 'limit',
  per: 'wallet',
  assetId: world.assetId,
  windowSeconds: DAY,
  count: null,
  sum: null,
  otherwise: 'deny',
  ...patch,
})

const clients = (): Client[] => two.map(({ url }) => createClient({ url, apiKey: world.apiKey }))

const pay = (client: Client, { id: walletId }: Wallet, idempotencyKey: string = randomUUID()) =>
  client.payments.create.mutate({ paywallId: paywall.id, walletId, idempotencyKey })

/** Pays until there is a final answer, with the same key: what may be repeated is. */
async function persistently(client: Client, wallet: Wallet): Promise<AcceptedPayment | ProviderServiceError> {
  const key = randomUUID()
  for (;;) {
    const answer = await pay(client, wallet, key).catch(errorOf)
    if ('code' in answer && answer.retryable) continue
    return answer
  }
}

/** How many payments the app has, and how many meters count. */
async function rows() {
  const { db } = world.built.services
  const payments = await db.selectFrom('payment').select('id').execute()
  const meters = await db.selectFrom('meter').select(['key', 'buckets']).execute()
  return { payments: payments.length, meters }
}

const countedIn = async (key: string): Promise<{ count: number; sum: bigint }> => {
  const { meters } = await rows()
  const buckets = meters.find((meter) => meter.key === key)?.buckets ?? []
  return {
    count: buckets.reduce((total, [, count]) => total + count, 0),
    sum: buckets.reduce((total, [, , sum]) => total + BigInt(sum), 0n),
  }
}

test('payments under one key at the same time, over two instances, count once', async () => {
  await publish(world, perWallet({ count: 50 }))
  for (let round = 0; round < 5; round++) {
    const wallet = await world.wallet()
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => pay(clients()[index % 2]!, wallet, key)))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await countedIn(`wallet:${wallet.id} ${world.assetId} ${DAY}`)).toEqual({ count: 1, sum: 7n })
  }
})

const isRefusal = (answer: AcceptedPayment | ProviderServiceError): answer is ProviderServiceError => 'code' in answer

/** So many payments at once over both instances: who was accepted, and the codes that the others were refused with. */
async function rush(count: number, walletOf: (index: number) => Wallet) {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) => persistently(clients()[index % 2]!, walletOf(index))),
  )
  const accepted = answers.filter((answer) => !isRefusal(answer)) as AcceptedPayment[]
  const refused = answers.filter(isRefusal).map(({ code, details }) => {
    expect(code).toBe('REFUSED_BY_COMPLIANCE')
    return (details.checks as { code: string }[]).map((check) => check.code)
  })
  return { accepted, refused }
}

test.each([
  ['count of a wallet', 'wallet', { count: 50 }, 'LIMIT_COUNT_REACHED', 86_001],
  ['sum of a wallet', 'wallet', { sum: 355n }, 'LIMIT_SUM_REACHED', 86_002],
  ['count of the app', 'app', { count: 50 }, 'LIMIT_COUNT_REACHED', 86_003],
  ['sum of the app', 'app', { sum: 350n }, 'LIMIT_SUM_REACHED', 86_004],
] as const)(
  'of 200 payments at once over two instances, the %s lets 50 pass: no more, and no fewer',
  async (_, per, limit, code, windowSeconds) => {
    await publish(world, perWallet({ per, windowSeconds, ...limit }))
    const wallets = await Promise.all(Array.from({ length: per === 'wallet' ? 1 : 10 }, () => world.wallet()))
    const before = (await rows()).payments
    const { accepted, refused } = await rush(200, (index) => wallets[index % wallets.length]!)
    expect(accepted).toHaveLength(50)
    expect(refused).toEqual(Array(150).fill([code]))
    expect((await rows()).payments - before).toBe(50)
    const subject = per === 'wallet' ? `wallet:${wallets[0]!.id}` : 'app'
    expect(await countedIn(`${subject} ${world.assetId} ${windowSeconds}`)).toEqual({ count: 50, sum: 350n })
  },
)

test('of two payments in one group there is room for one', async () => {
  await publish(world, { rule: 'velocity', count: 1, windowSeconds: 3_600, otherwise: 'deny' })
  const [client] = clients()
  for (let round = 0; round < 5; round++) {
    const wallet = await world.wallet()
    const answers = await Promise.all([pay(client!, wallet), pay(client!, wallet)].map((call) => call.catch(errorOf)))
    expect(answers.filter((answer) => 'code' in answer && answer.code === 'REFUSED_BY_COMPLIANCE')).toHaveLength(1)
    expect(answers.filter((answer) => 'state' in answer && answer.state === 'accepted')).toHaveLength(1)
  }
})

test('several limits at once: the narrowest decides, and each counts on its own', async () => {
  await publish(
    world,
    perWallet({ count: 3, windowSeconds: 85_001 }),
    perWallet({ per: 'app', count: 5, windowSeconds: 85_002 }),
    { rule: 'velocity', count: 4, windowSeconds: 85_003, otherwise: 'deny' },
  )
  const [one, other] = await Promise.all([world.wallet(), world.wallet()])
  expect((await rush(10, () => one)).accepted).toHaveLength(3)
  const { accepted, refused } = await rush(10, () => other)
  expect(accepted).toHaveLength(2)
  expect(refused).toEqual(Array(8).fill(['LIMIT_COUNT_REACHED']))
  expect(await countedIn(`app ${world.assetId} 85002`)).toMatchObject({ count: 5 })
  expect(await countedIn(`wallet:${other.id} any 85003`)).toMatchObject({ count: 2 })
})

test('a payment above a limit that asks for a review is held, and counted too', async () => {
  await publish(world, perWallet({ count: 1, windowSeconds: 84_001, otherwise: 'review' }))
  const wallet = await world.wallet()
  const { accepted } = await rush(6, () => wallet)
  expect(accepted.map(({ state }) => state).sort()).toEqual(['accepted', ...Array(5).fill('held')])
  expect(await countedIn(`wallet:${wallet.id} ${world.assetId} 84001`)).toMatchObject({ count: 6 })
})

test('the window slides by twelfths: what was paid first is forgotten first', async () => {
  const windowSeconds = 1_200
  await publish(world, perWallet({ count: 3, windowSeconds }))
  const wallet = await world.wallet()
  const accepts = async () => (await rush(6, () => wallet)).accepted.length
  const begin = ahead
  const [client] = clients()
  await pay(client!, wallet)
  ahead = begin + 600_000
  expect(await accepts()).toBe(2)
  // a window later the slot in which the first one lies still counts, and a slot later it does not
  ahead = begin + 1_199_000
  expect(await accepts()).toBe(0)
  ahead = begin + 1_301_000
  expect(await accepts()).toBe(1)
  ahead = begin + 1_901_000
  expect(await accepts()).toBe(2)
})

test('what was accepted stays counted, whatever becomes of it; what was refused was never counted', async () => {
  await publish(world, perWallet({ count: 2, windowSeconds: 83_001 }))
  const wallet = await world.wallet()
  const [client] = clients()
  const cancelled = await pay(client!, wallet)
  expect((await client!.payments.cancel.mutate({ paymentId: cancelled.id })).state).toBe('cancelled')
  const { accepted, refused } = await rush(4, () => wallet)
  expect(accepted).toHaveLength(1)
  expect(refused).toHaveLength(3)
  expect(await countedIn(`wallet:${wallet.id} ${world.assetId} 83001`)).toMatchObject({ count: 2 })
})

test('a limit that a new policy names begins at nothing; one that it keeps goes on', async () => {
  await publish(world, perWallet({ count: 2, windowSeconds: 82_001 }))
  const wallet = await world.wallet()
  expect((await rush(4, () => wallet)).accepted).toHaveLength(2)
  await publish(world, perWallet({ count: 3, windowSeconds: 82_001 }))
  expect((await rush(4, () => wallet)).accepted).toHaveLength(1)
  await publish(world, perWallet({ count: 3, windowSeconds: 82_002 }))
  expect((await rush(4, () => wallet)).accepted).toHaveLength(3)
})

test('an app whose lists keep changing does not hold up the payments of another', async () => {
  await publish(world, perWallet({ count: 1_000, windowSeconds: 81_001 }))
  const elsewhere = await worldElsewhere(world)
  await publish(elsewhere, perWallet({ count: 1_000, windowSeconds: 81_001 }))
  const [mine, theirs, price] = [await world.wallet(), await elsewhere.wallet(), await elsewhere.paywall({ price: 1n })]
  const stop = { now: false }
  const changing = (async () => {
    while (!stop.now)
      await elsewhere.client.lists.add.mutate({ list: 'fraud', address: anyAddress(), reason: 'keeps changing' })
  })()
  const [{ url }] = two
  const [client, other] = [createClient({ url, apiKey: world.apiKey }), createClient({ url, apiKey: elsewhere.apiKey })]
  for (let round = 0; round < 10; round++) {
    const crowd = Array.from({ length: 10 }, () =>
      other.payments.create
        .mutate({ paywallId: price.id, walletId: theirs.id, idempotencyKey: randomUUID() })
        .catch(errorOf),
    )
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(client, mine).catch(errorOf)))
    expect(answers.map((answer) => ('state' in answer ? answer.state : answer.code))).toEqual(
      Array(10).fill('accepted'),
    )
    await Promise.all(crowd)
  }
  stop.now = true
  await changing
})
