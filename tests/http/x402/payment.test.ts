import { afterAll, beforeAll, expect, test } from 'vitest'
import { testWorld, USDC, type World } from '../../support/world.ts'
import { buyer, decode, network, offerAt, present, type Required, settlementIn, urlOf } from './support/buyer.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

const counted = async (table: 'payment' | 'x402_payment' | 'access', payer: string): Promise<number> => {
  const rows = await world.built.services.db
    .selectFrom('payment')
    .$if(table === 'x402_payment', (query) => query.innerJoin('x402_payment', 'payment_id', 'payment.id'))
    .$if(table === 'access', (query) => query.innerJoin('access', 'access.payment_id', 'payment.id'))
    .select('payment.id')
    .where('payment.payer', '=', payer)
    .execute()
  return rows.length
}

test('a paywall is offered in both versions, and kept by nobody on the way', async () => {
  const { id, title } = await world.paywall({ price: 250_000n })
  const response = await fetch(urlOf(world, id))

  expect(response.status).toBe(402)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const requirements = {
    scheme: 'exact',
    network,
    amount: '250000',
    asset: world.contracts.usdc,
    payTo: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
    maxTimeoutSeconds: 60,
    extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'eip3009' },
  }
  expect(decode<Required>(response.headers.get('payment-required'))).toMatchObject({
    x402Version: 2,
    resource: { url: urlOf(world, id), description: title, mimeType: 'application/json' },
    accepts: [requirements],
    extensions: { 'payment-identifier': { info: { required: false } } },
  })
  expect(await response.json()).toMatchObject({
    x402Version: 1,
    accepts: [
      {
        scheme: 'exact',
        network: 'avalanche-fuji',
        maxAmountRequired: '250000',
        resource: urlOf(world, id),
        payTo: requirements.payTo,
        asset: requirements.asset,
        extra: { name: 'USD Coin', version: '2' },
      },
    ],
  })
})

test('a payment settles, and opens the paywall to its payer', async () => {
  const { id } = await world.paywall({ price: 300_000n, accessSeconds: 3600 })
  const one = await buyer(world)
  const payment = await one.pay((await offerAt(urlOf(world, id))).accepts[0]!)
  const response = await present(urlOf(world, id), payment)

  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const settlement = settlementIn(response)
  expect(settlement).toEqual({
    success: true,
    payer: one.address,
    transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    network,
    amount: '300000',
  })
  const receipt = (await response.json()) as { payment: { id: string }; access: { expiresAt: string } }
  expect(receipt).toMatchObject({
    paywall: { id },
    payment: { state: 'settled', payer: one.address, transaction: settlement.transaction, amount: '300000' },
  })
  expect(Date.parse(receipt.access.expiresAt)).toBeGreaterThan(Date.now() + 3_500_000)
  expect(await world.transfers(one.address, 300_000n)).toBe(1)

  const paid = await world.client.payments.get.query({ paymentId: receipt.payment.id })
  expect(paid).toMatchObject({ state: 'settled', paywallId: id, payer: one.address })
  const wallet = await world.client.wallets.get.query({ walletId: paid.walletId })
  expect(wallet).toMatchObject({ kind: 'external', address: one.address, userId: null })
  expect(await world.client.access.check.query({ paywallId: id, walletId: wallet.id })).toMatchObject({ granted: true })
})

test('fifty who show one payment at the same time get fifty equal answers and make one transfer', async () => {
  const { id } = await world.paywall({ price: 310_000n })
  const one = await buyer(world)
  const payment = await one.pay((await offerAt(urlOf(world, id))).accepts[0]!)
  const responses = await Promise.all(Array.from({ length: 50 }, () => present(urlOf(world, id), payment)))
  const answers = await Promise.all(
    responses.map(async (response) => ({
      status: response.status,
      settlement: response.headers.get('payment-response'),
      body: await response.text(),
    })),
  )

  expect(answers[0]!.status).toBe(200)
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(await world.transfers(one.address, 310_000n)).toBe(1)
  expect(await counted('payment', one.address)).toBe(1)
  expect(await counted('access', one.address)).toBe(1)

  const later = await present(urlOf(world, id), payment)
  expect(later.headers.get('payment-response')).toBe(answers[0]!.settlement)
  expect(await later.text()).toBe(answers[0]!.body)
})

const many = process.env.SOAK ? 200 : 48

test(`${many} different payments, sixteen at a time, all settle`, async () => {
  const { id } = await world.paywall({ price: 1_000n })
  const buyers = await Promise.all(Array.from({ length: 8 }, () => buyer(world, USDC)))
  const { accepts } = await offerAt(urlOf(world, id))
  const payments = await Promise.all(Array.from({ length: many }, (_, n) => buyers[n % 8]!.pay(accepts[0]!)))
  const statuses: number[] = []
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let payment = payments.pop(); payment; payment = payments.pop())
        statuses.push((await present(urlOf(world, id), payment)).status)
    }),
  )

  expect(statuses).toEqual(Array.from({ length: many }, () => 200))
  const transfers = await Promise.all(buyers.map(({ address }) => world.transfers(address, 1_000n)))
  expect(transfers).toEqual(buyers.map(() => many / 8))
}, 120_000)
