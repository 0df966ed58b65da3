import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import type { Paywall, Wallet } from '../../../server/contract/entities.ts'
import { instance } from '../../http/support/instance.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { databaseProxy, type Fault } from '../../support/database-proxy.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

let world: World
let paywall: Paywall
let wallet: Wallet
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  ;[paywall, wallet] = await Promise.all([world.paywall({ price: 1n }), world.wallet()])
})
afterAll(() => world[Symbol.asyncDispose]())

const purchase = () => ({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() })

/** What accepting one payment writes, and nothing else. */
const onePayment = { payment: 1, transaction: 1, decision: 1, idempotency: 1, audit: 1, event: 1 }

const ROUNDS = process.env.SOAK ? 100 : 40
const CALLS = 50

test(`${CALLS} calls at once with one key and one body, ${ROUNDS} times: one payment and ${CALLS - 1} replays each; another body is refused`, async () => {
  const other = await world.paywall({ price: 2n })
  const clients = Array.from({ length: 4 }, () => createClient({ url: world.url, apiKey: world.apiKey }))
  const before = await rowCounts(world.database)
  for (let round = 0; round < ROUNDS; round++) {
    const input = purchase()
    // of several clients, so that they come in several requests
    const answers = await Promise.all(
      Array.from({ length: CALLS }, (_, index) => clients[index % clients.length]!.payments.create.mutate(input)),
    )
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    const refusal = await clients[0]!.payments.create
      .mutate({ ...input, paywallId: other.id })
      .then(() => null, errorOf)
    expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH', status: 422, retryable: false })
  }
  const expected = Object.entries(onePayment).map(([table, rows]) => [table, rows * ROUNDS])
  expect(growth(before, await rowCounts(world.database))).toEqual(Object.fromEntries(expected))
}, 120_000)

test('one request each, over two instances: one payment', async () => {
  await using other = await instance(world)
  const before = await rowCounts(world.database)
  for (let round = 0; round < 10; round++) {
    const input = purchase()
    const answers = await Promise.all(
      Array.from({ length: CALLS }, (_, index) =>
        createClient({ url: index % 2 ? other.url : world.url, apiKey: world.apiKey }).payments.create.mutate(input),
      ),
    )
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
  }
  const expected = Object.entries(onePayment).map(([table, rows]) => [table, rows * 10])
  expect(growth(before, await rowCounts(world.database))).toEqual(Object.fromEntries(expected))
}, 60_000)

test('one key and two bodies at once: one is paid, the other is refused, and nothing of it is written', async () => {
  const other = await world.paywall({ price: 2n })
  for (let round = 0; round < 10; round++) {
    const input = purchase()
    const before = await rowCounts(world.database)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.client.payments.create
          .mutate(index % 2 ? input : { ...input, paywallId: other.id })
          .then((payment) => payment.id, errorOf),
      ),
    )
    const [odd, even] = [answers.filter((_, index) => index % 2), answers.filter((_, index) => !(index % 2))]
    const [paid, refused] = typeof odd[0] === 'string' ? [odd, even] : [even, odd]
    expect(new Set(paid).size).toBe(1)
    for (const refusal of refused)
      expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH', status: 422, retryable: false })
    expect(growth(before, await rowCounts(world.database))).toEqual(onePayment)
  }
})

test('the key of another procedure, or of another app, is another key', async () => {
  const input = purchase()
  const first = await world.client.payments.create.mutate(input)
  const opened = await world.client.paywalls.create.mutate({
    title: 'With the same key',
    assetId: world.assetId,
    price: 1n,
    recipient: paywall.recipient,
    idempotencyKey: input.idempotencyKey,
  })
  expect(opened.replayed).toBe(false)

  const stranger = await world.stranger()
  const theirs = await stranger.client.payments.create.mutate(input).then(() => null, errorOf)
  expect(theirs?.code).toBe('NOT_FOUND')
  expect((await world.client.payments.create.mutate(input)).id).toBe(first.id)
})

test('ids in upper case are the same body', async () => {
  const input = purchase()
  const first = await world.client.payments.create.mutate(input)
  const again = await world.client.payments.create.mutate({
    ...input,
    paywallId: input.paywallId.toUpperCase(),
    walletId: input.walletId.toUpperCase(),
  })
  expect(again).toEqual({ ...first, replayed: true })
})

test('a refused attempt uses no key: the same one pays once the reason is gone', async () => {
  const poor = await world.wallet(0n)
  const input = { ...purchase(), walletId: poor.id }
  const before = await rowCounts(world.database)
  const refused = await world.client.payments.create.mutate(input).then(() => null, errorOf)
  expect(refused).toMatchObject({ code: 'INSUFFICIENT_BALANCE', status: 402, details: { balance: '0', price: '1' } })
  expect(growth(before, await rowCounts(world.database))).toEqual({})

  await world.crossmint.fund({ address: poor.address, amount: USDC })
  expect((await world.client.payments.create.mutate(input)).replayed).toBe(false)
  expect((await world.client.payments.create.mutate(input)).replayed).toBe(true)
})

test('the answer of the commit is lost: the repeated call meets its own payment', async () => {
  let faults = 3
  await using proxy = await databaseProxy(world.database.applicationUrl, ({ sql }): Fault | undefined =>
    /insert into payment /.test(sql) && faults-- > 0 ? 'drop-after' : undefined,
  )
  await using behind = await instance(world, { DATABASE_URL: proxy.url })
  const before = await rowCounts(world.database)
  const payment = await createClient({ url: behind.url, apiKey: world.apiKey }).payments.create.mutate(purchase())
  expect(proxy.injected['drop-after']).toBe(3)
  expect(payment).toMatchObject({ state: 'accepted', replayed: false })
  expect(growth(before, await rowCounts(world.database))).toEqual(onePayment)
})

test('replays find the first payment whatever happened since', async () => {
  await using settling = await testWorld()
  const { client, operator, appId, url, apiKey } = settling
  const [open, payer] = await Promise.all([settling.paywall({ price: 3n * USDC }), settling.wallet()])
  const input = { paywallId: open.id, walletId: payer.id, idempotencyKey: randomUUID() }
  const { id } = await client.payments.create.mutate(input)
  const settled = await settling.until(id, 'settled')

  expect(await client.payments.create.mutate(input), 'after it settled').toEqual({ ...settled, replayed: true })

  await client.paywalls.update.mutate({ paywallId: open.id, price: 1n })
  expect((await client.payments.create.mutate(input)).amount, 'after the price changed').toBe(3n * USDC)

  await client.paywalls.archive.mutate({ paywallId: open.id })
  expect(await client.payments.create.mutate(input), 'after the paywall was archived').toMatchObject({
    id,
    replayed: true,
  })

  await client.lists.add.mutate({ list: 'sanctions', address: payer.address, reason: 'later' })
  expect(await client.payments.create.mutate(input), 'after the payer was listed').toMatchObject({ id, replayed: true })

  const { secret } = await operator.apiKeys.create.mutate({ appId, name: 'next', idempotencyKey: randomUUID() })
  const old = (await operator.apiKeys.list.query({ appId })).items.find(({ prefix }) => apiKey.startsWith(prefix))!
  await operator.apiKeys.revoke.mutate({ keyId: old.id })
  const rotated = createClient({ url, apiKey: secret! })
  expect(await rotated.payments.create.mutate(input), 'after the API key was rotated').toMatchObject({
    id,
    replayed: true,
  })

  expect(await settling.transfers(payer.address, 3n * USDC)).toBe(1)
  const { items } = await rotated.payments.list.query({})
  expect(items).toHaveLength(1)
})
