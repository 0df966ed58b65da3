import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import {
  createClient,
  type ErrorCode,
  errorOf,
  type Payment,
  ProviderServiceError,
  pay,
  type SettledPayment,
} from '../../client-sdk/index.ts'
import { growth, rowCounts } from '../http/support/rows.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld, USDC, type World } from '../support/world.ts'
import { flakyProxy, type Mishap } from './flaky-proxy.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A price of its own, by which the transfer is found on the chain. */
let price = USDC
const purchase = async () => {
  price += 1n
  const [paywall, wallet] = await Promise.all([world.paywall({ price }), world.wallet()])
  return { wallet, amount: price, paywallId: paywall.id, walletId: wallet.id }
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('It was paid'),
    (error) => error,
  )

test('resolves with the settled payment, and tells of every state on the way', async () => {
  const { wallet, amount, ...input } = await purchase()
  const states: string[] = []
  const payment = await pay(world.client, { ...input, onChange: ({ state }) => states.push(state) })

  expect(payment).toMatchObject({ state: 'settled', amount, payer: wallet.address, replayed: false })
  expect(payment.transactionHash).toMatch(/^0x[0-9a-f]{64}$/)
  expect([states[0], states.at(-1)]).toEqual(['accepted', 'settled'])
  expect(new Set(states).size).toBe(states.length)
  expect(await world.transfers(wallet.address, amount)).toBe(1)
  expectTypeOf(payment).toEqualTypeOf<SettledPayment>()
  expectTypeOf(payment.transactionHash).toEqualTypeOf<`0x${string}`>()
})

describe('pays once, with one key, whatever happens on the way', () => {
  const plans: Record<string, Mishap[]> = {
    'requests are lost': ['lost', 'lost'],
    'the first answers are lost': ['answer-lost', 'answer-lost', 'answer-lost'],
    'answers break off': ['half-answer', 'half-answer'],
    'a balancer is in the way': ['unavailable', 'unavailable'],
    'somebody else answers': ['garbage'],
    'everything at once': ['lost', 'answer-lost', 'unavailable', 'half-answer', 'garbage'],
    'it is asked in vain while it waits': ['pass', 'half-answer', 'garbage', 'lost', 'unavailable'],
  }

  test.each(Object.keys(plans))('%s', async (name) => {
    const { wallet, amount, ...input } = await purchase()
    await using proxy = await flakyProxy(world.url, plans[name]!)
    const payment = await pay(createClient({ url: proxy.url, apiKey: world.apiKey }), input)

    expect(payment.state).toBe('settled')
    expect(proxy.seen.slice(0, plans[name]!.length).map(({ mishap }) => mishap)).toEqual(plans[name])
    const keys = proxy.seen.flatMap(({ body }) => body.match(/"idempotencyKey":"[^"]+"/g) ?? [])
    expect(keys.length).toBeGreaterThan(0)
    expect(new Set(keys).size).toBe(1)
    const { items } = await world.client.payments.list.query({ walletId: wallet.id })
    expect(items.map(({ id }) => id)).toEqual([payment.id])
    expect(await world.transfers(wallet.address, amount)).toBe(1)
  })
})

test('the same key again is the same payment', async () => {
  const { wallet, amount, ...input } = await purchase()
  const idempotencyKey = `order-${randomUUID()}`
  const first = await pay(world.client, { ...input, idempotencyKey })
  const again = await pay(world.client, { ...input, idempotencyKey })
  expect(again).toEqual({ ...first, replayed: true })
  expect(await world.transfers(wallet.address, amount)).toBe(1)
})

describe('rejects with the typed error, at once', () => {
  const refusals: Partial<Record<ErrorCode, () => Promise<{ apiKey?: string; paywallId: string; walletId: string }>>> =
    {
      UNAUTHENTICATED: async () => ({ apiKey: 'wrong', ...(await purchase()) }),
      NOT_FOUND: async () => ({ ...(await purchase()), paywallId: randomUUID() }),
      INVALID_INPUT: async () => ({ ...(await purchase()), walletId: 'mine' }),
      INSUFFICIENT_BALANCE: async () => ({ ...(await purchase()), walletId: (await world.wallet(1n)).id }),
      PAYWALL_CLOSED: async () => {
        const input = await purchase()
        await world.client.paywalls.archive.mutate({ paywallId: input.paywallId })
        return input
      },
      REFUSED_BY_COMPLIANCE: async () => {
        const input = await purchase()
        await world.client.lists.add.mutate({ list: 'sanctions', address: input.wallet.address, reason: 'named' })
        return input
      },
    }

  test.each(Object.keys(refusals) as ErrorCode[])('%s', async (code) => {
    const { apiKey = world.apiKey, paywallId, walletId } = await refusals[code]!()
    await using proxy = await flakyProxy(world.url, [])
    const error = await rejection(pay(createClient({ url: proxy.url, apiKey }), { paywallId, walletId }))
    expect(proxy.seen).toHaveLength(1)
    expect(error).toBeInstanceOf(ProviderServiceError)
    expect(error).toMatchObject({ name: 'ProviderServiceError', code, requestId: expect.any(String), payment: null })
    if (code === 'INVALID_INPUT')
      expect((error as ProviderServiceError).issues).toEqual([{ path: ['walletId'], message: expect.any(String) }])
  })

  test('PAYMENT_NOT_SETTLED, with the payment and the reason of the provider', async () => {
    const { wallet, ...input } = await purchase()
    await world.crossmint.inject({ mode: 'F7', variant: 'build_failed', match: { wallet: wallet.address } })
    const error = await rejection(pay(world.client, { paywallId: input.paywallId, walletId: input.walletId }))
    expect(error).toBeInstanceOf(ProviderServiceError)
    const { code, payment, details } = error as ProviderServiceError
    expect(code).toBe('PAYMENT_NOT_SETTLED')
    expect(payment).toMatchObject({ state: 'failed', failure: { reason: 'build_failed' } })
    expect(details).toMatchObject({ paymentId: payment?.id, state: 'failed', reason: 'build_failed' })
  })
})

describe('an abort', () => {
  test('before it begins: nothing is asked for', async () => {
    const { wallet, amount, ...input } = await purchase()
    const before = await rowCounts(world.database)
    const reason = new Error('the customer left')
    expect(await rejection(pay(world.client, { ...input, signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(growth(before, await rowCounts(world.database))).not.toHaveProperty('payment')
    expect(await world.transfers(wallet.address, amount)).toBe(0)
  })

  test('while it repeats: it stops', async () => {
    const { wallet, amount, ...input } = await purchase()
    await using proxy = await flakyProxy(world.url, Array(50).fill('lost'))
    const [controller, reason] = [new AbortController(), new Error('the customer left')]
    const paying = rejection(
      pay(createClient({ url: proxy.url, apiKey: world.apiKey }), { ...input, signal: controller.signal }),
    )
    await eventually(() => expect(proxy.seen.length).toBeGreaterThan(1))
    controller.abort(reason)
    expect(await paying).toBe(reason)
    expect(await world.transfers(wallet.address, amount)).toBe(0)
  })

  test('while it waits: the payment goes on, and the same key finds it', async () => {
    const { wallet, amount, ...input } = await purchase()
    const [controller, reason] = [new AbortController(), new Error('the customer left')]
    const idempotencyKey = randomUUID()
    const onChange = () => controller.abort(reason)
    const stopped = await rejection(
      pay(world.client, { ...input, idempotencyKey, onChange, signal: controller.signal }),
    )
    expect(stopped).toBe(reason)

    const payment = await pay(world.client, { ...input, idempotencyKey })
    expect(payment).toMatchObject({ state: 'settled', replayed: true })
    expect(await world.transfers(wallet.address, amount)).toBe(1)
  })
})

test('a payment that is cancelled while it is waited for rejects, and its state says so', async () => {
  await using idle = await testWorld({ workers: false })
  const [paywall, wallet] = await Promise.all([idle.paywall(), idle.wallet()])
  const seen = Promise.withResolvers<Payment>()
  const paying = rejection(
    pay(idle.client, { paywallId: paywall.id, walletId: wallet.id, onChange: (payment) => seen.resolve(payment) }),
  )
  const { id } = await seen.promise
  await idle.client.payments.cancel.mutate({ paymentId: id })
  expect(await paying).toMatchObject({ code: 'PAYMENT_NOT_SETTLED', payment: { id, state: 'cancelled' } })
})

test('errorOf: whatever a call throws is the one error, and what is one stays itself', () => {
  const own = errorOf(new Error('x'))
  expect(own).toMatchObject({ code: 'UNREACHABLE', retryable: true, status: null })
  expect(errorOf(own)).toBe(own)
  for (const thrown of [undefined, null, 'text', 7, {}]) expect(errorOf(thrown)).toBeInstanceOf(ProviderServiceError)
})

test('a URL may end in slashes', async () => {
  const client = createClient({ url: `${world.url}//`, apiKey: world.apiKey })
  expect((await client.apps.mine.query()).id).toBe(world.appId)
})

test('a call that is never answered is given up after the timeout, and may be repeated', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  try {
    const { port } = silent.address() as AddressInfo
    const client = createClient({ url: `http://127.0.0.1:${port}`, apiKey: world.apiKey, timeout: 100 })
    const error = await client.apps.mine.query().then(() => null, errorOf)
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, status: null })
  } finally {
    silent.closeAllConnections()
    silent.close()
  }
})
