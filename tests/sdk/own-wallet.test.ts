import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  all,
  createClient,
  events,
  type Hash,
  type IntentionStorage,
  intentions,
  isProviderError,
  type Payment,
  ProviderServiceError,
  pay,
  type WalletCalls,
  type WalletSender,
} from '../../client-sdk/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Payer, payer } from '../support/payer.ts'
import { testWorld, USDC, type World } from '../support/world.ts'
import { flakyProxy } from './flaky-proxy.ts'

let world: World
let buyer: Payer
beforeAll(async () => {
  world = await testWorld()
  buyer = await payer(world)
})
afterAll(() => world[Symbol.asyncDispose]())

/** A price of its own, by which the transfer is found on the chain. */
let price = USDC
const purchase = async () => {
  price += 1n
  const paywall = await world.paywall({ price })
  return { paywallId: paywall.id, walletId: buyer.wallet.id, amount: price, storage: memory() }
}

function memory(): IntentionStorage & { texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    getItem: async (name) => texts.get(name) ?? null,
    setItem: async (name, text) => void texts.set(name, text),
    removeItem: async (name) => void texts.delete(name),
  }
}

/** The buyer's wallet; each of these answers is given once, then it agrees. */
function walletOf(answers: ((calls: WalletCalls) => Promise<Hash>)[] = []): WalletSender & { asked: number } {
  return {
    asked: 0,
    address: buyer.address,
    async sendCalls(calls) {
      const answer = answers[this.asked++]
      return answer ? answer(calls) : buyer.send(calls)
    },
  }
}

const transfers = (amount: bigint) => world.transfers(buyer.address, amount)
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('It was paid'),
    (error) => error,
  )

describe('pay() from a wallet of one’s own', () => {
  test('hands the calls to the wallet, reports what it sent, and resolves when that is settled', async () => {
    const { amount, storage, ...input } = await purchase()
    const wallet = walletOf()
    const seen: Payment['state'][] = []
    const payment = await pay(buyer.client, { ...input, wallet, storage, onChange: ({ state }) => seen.push(state) })
    expect(payment).toMatchObject({ state: 'settled', amount, payer: buyer.address })
    expect([seen[0], seen.at(-1)]).toEqual(['accepted', 'settled'])
    expect([wallet.asked, await transfers(amount)]).toEqual([1, 1])
    expect(storage.texts.size).toBe(0)
  })

  test.for<['WALLET_REJECTED' | 'WALLET_FAILED' | 'WRONG_CHAIN', Error]>([
    ['WALLET_REJECTED', Object.assign(new Error('User rejected the request.'), { code: 4001 })],
    ['WALLET_REJECTED', new Error('It failed', { cause: Object.assign(new Error('no'), { code: 5000 }) })],
    ['WALLET_FAILED', new Error('The device is locked')],
    ['WRONG_CHAIN', new ProviderServiceError('Change it.', { code: 'WRONG_CHAIN', retryable: true })],
  ])('%s, and the same key pays the same payment afterwards', async ([code, thrown]) => {
    const { amount, ...input } = await purchase()
    const idempotencyKey = crypto.randomUUID()
    const wallet = walletOf([() => Promise.reject(thrown)])
    const error = await caught(pay(buyer.client, { ...input, wallet, idempotencyKey }))
    expect(isProviderError(error, code)).toBe(true)
    expect(error).toMatchObject({ retryable: true })
    const payment = await pay(buyer.client, { ...input, wallet, idempotencyKey })
    expect(payment).toMatchObject({ state: 'settled', replayed: true })
    expect([wallet.asked, await transfers(amount)]).toEqual([2, 1])
  })

  test('a wallet of another address is not asked', async () => {
    const { amount, ...input } = await purchase()
    const wallet = { ...walletOf(), address: world.agent }
    expect(await caught(pay(buyer.client, { ...input, wallet }))).toMatchObject({ code: 'WALLET_FAILED' })
    expect([wallet.asked, await transfers(amount)]).toEqual([0, 0])
  })

  test('two at once ask the wallet once', async () => {
    const { amount, ...input } = await purchase()
    const idempotencyKey = crypto.randomUUID()
    const wallet = walletOf()
    const both = [1, 2].map(() => pay(buyer.client, { ...input, wallet, idempotencyKey }))
    const [first, second] = await Promise.all(both)
    expect(second!.id).toBe(first!.id)
    expect([wallet.asked, await transfers(amount)]).toEqual([1, 1])
  })

  test('what was sent is reported after a reload, with no wallet there, and not asked for again', async () => {
    const { amount, ...input } = await purchase()
    const idempotencyKey = crypto.randomUUID()
    const { paywallId, walletId, storage } = input
    const { id } = await buyer.client.payments.create.mutate({ paywallId, walletId, idempotencyKey })
    const hash = await buyer.send(await buyer.client.payments.calls.mutate({ paymentId: id }))
    await storage.setItem(`provider-service:sent:${id}`, JSON.stringify({ hash, reported: false }))

    const payment = await pay(buyer.client, { ...input, idempotencyKey })
    expect(payment).toMatchObject({ id, state: 'settled', transactionHash: hash, replayed: true })
    expect(await transfers(amount)).toBe(1)
  })

  test('an owner who agrees after the page gave up is not asked again', async () => {
    const { amount, ...input } = await purchase()
    const idempotencyKey = crypto.randomUUID()
    const leaving = new AbortController()
    const agreed = Promise.withResolvers<void>()
    const wallet = walletOf([
      async (calls) => {
        leaving.abort(new Error('given up'))
        await agreed.promise
        return buyer.send(calls)
      },
    ])
    const stopped = await caught(pay(buyer.client, { ...input, wallet, idempotencyKey, signal: leaving.signal }))
    expect(stopped).toBe(leaving.signal.reason)
    agreed.resolve()
    const payment = await pay(buyer.client, { ...input, wallet, idempotencyKey })
    expect(payment).toMatchObject({ state: 'settled', replayed: true })
    expect([wallet.asked, await transfers(amount)]).toEqual([1, 1])
  })

  test('without a key of the caller’s, another call finds the payment that is not over', async () => {
    const { amount, ...input } = await purchase()
    const wallet = walletOf([() => Promise.reject(new Error('The page was reloaded'))])
    expect(await caught(pay(buyer.client, { ...input, wallet }))).toMatchObject({ code: 'WALLET_FAILED' })
    const payment = await pay(buyer.client, { ...input, wallet })
    expect(payment).toMatchObject({ state: 'settled', replayed: true })
    expect([wallet.asked, await transfers(amount), input.storage.texts.size]).toEqual([2, 1, 0])
    expect((await pay(buyer.client, { ...input, wallet })).id).not.toBe(payment.id)
  })

  test('a wallet that sent and never says so is not waited for, here or in another tab', async () => {
    const { amount, ...input } = await purchase()
    const wallet = walletOf([
      async (calls) => {
        const { paymentId } = calls
        await buyer.client.payments.submitted.mutate({ paymentId, hash: await buyer.send(calls) })
        return new Promise<never>(() => {})
      },
    ])
    const both = [1, 2].map(() => pay(buyer.client, { ...input, wallet }))
    const [first, second] = await Promise.all(both)
    expect([first, second]).toMatchObject([{ state: 'settled' }, { state: 'settled', id: first!.id }])
    expect([wallet.asked, await transfers(amount)]).toEqual([1, 1])
  })

  test.for<[string, Error, boolean]>([
    ['failed', new Error('The device is locked'), true],
    ['was declined by its owner', Object.assign(new Error('no'), { code: 4001 }), false],
  ])('that a wallet was asked which %s is kept: %s', async ([, thrown, isKept]) => {
    const { amount, ...input } = await purchase()
    await caught(pay(buyer.client, { ...input, wallet: walletOf([() => Promise.reject(thrown)]) }))
    const kept = [...input.storage.texts].filter(([name]) => name.startsWith('provider-service:sent:'))
    expect(kept.map(([, text]) => JSON.parse(text))).toEqual(isKept ? [{ hash: null, reported: false }] : [])
    expect(await transfers(amount)).toBe(0)
  })

  test('a report whose answer is lost is repeated, and nobody signs again', async () => {
    const { amount, ...input } = await purchase()
    let reports = 0
    const client = createClient({
      url: world.url,
      fetch: async (url, init) => {
        const headers = { ...(init?.headers as object), ...buyer.person.headers }
        const response = await fetch(url, { ...init, headers })
        if (!String(url).includes('payments.submitted')) return response
        if (++reports <= 2) throw new TypeError('the answer is lost')
        return response
      },
    })
    const wallet = walletOf()
    expect((await pay(client, { ...input, wallet })).state).toBe('settled')
    expect([wallet.asked, reports, await transfers(amount)]).toEqual([1, 3, 1])
  })
})

describe('intentions', () => {
  test('one key for a name, however many ask, until it has ended; what ended before ends nothing', async () => {
    const storage = memory()
    const [here, there] = [intentions(storage), intentions(storage)]
    const keys = await Promise.all([here, there, here].map(({ keyOf }) => keyOf('a paywall by a wallet')))
    expect(new Set(keys).size).toBe(1)
    expect(await here.keyOf('another')).not.toBe(keys[0])
    await there.end('a paywall by a wallet', keys[0]!)
    const next = await here.keyOf('a paywall by a wallet')
    expect(next).not.toBe(keys[0])
    await here.end('a paywall by a wallet', keys[0]!)
    expect(await there.keyOf('a paywall by a wallet')).toBe(next)
  })
})

describe('calls', () => {
  test('queries, and mutations with a key, are repeated; no other mutation is', async () => {
    const client = (url: string) => createClient({ url, apiKey: world.apiKey })
    await using proxy = await flakyProxy(world.url, [
      'lost',
      'unavailable',
      'pass',
      'answer-lost',
      'pass',
      'lost',
      'pass',
    ])
    const { apps, wallets, paywalls } = client(proxy.url)
    expect((await apps.mine.query()).id).toBe(world.appId)
    const input = {
      title: 'A',
      assetId: world.assetId,
      price: 1n,
      recipient: world.agent,
      idempotencyKey: 'a-title-of-it',
    }
    expect((await paywalls.create.mutate(input)).replayed).toBe(true)
    const refused = await caught(wallets.create.mutate({ owner: 'nobody' }))
    expect(refused).toBeInstanceOf(ProviderServiceError)
    expect(refused).toMatchObject({ code: 'UNREACHABLE', retryable: true })
    expect(proxy.seen.map(({ path }) => path.split('?')[0])).toEqual([
      ...Array(3).fill('/trpc/apps.mine'),
      ...Array(2).fill('/trpc/paywalls.create'),
      '/trpc/wallets.create',
    ])
  })

  test('a proxy’s own answer says its status, and how long to wait is honoured', async () => {
    const times: number[] = []
    const server = createServer((_, response) => {
      times.push(performance.now())
      if (times.length === 1)
        return response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/html' }).end('<h1>')
      return response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = createClient({ url: `http://127.0.0.1:${port}`, apiKey: 'psk_', retries: 1 })
    expect(await caught(client.apps.mine.query())).toMatchObject({ code: 'UNREACHABLE', status: 502 })
    server.close()
    expect(times).toHaveLength(2)
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1000)
  })

  test('an aborted call rejects with the reason, and is not repeated', async () => {
    await using proxy = await flakyProxy(world.url, Array(9).fill('lost'))
    const leaving = new AbortController()
    const asking = caught(
      createClient({ url: proxy.url, apiKey: world.apiKey, retries: 8 }).apps.mine.query(undefined, leaving),
    )
    await eventually(() => expect(proxy.seen.length).toBeGreaterThan(0))
    leaving.abort('left')
    expect(await asking).toBe('left')
  })

  test('a token that is refused is asked for once more, for calls and for streams', async () => {
    const scopes = ['payments:read', 'account:read', 'events:read'] as const
    const { token } = await buyer.client.auth.token.mutate({ scopes: [...scopes] })
    const renewing = () => {
      const asked: (string | undefined)[] = []
      const answers: [path: string, status: number][] = []
      const client = createClient({
        url: world.url,
        token(refused) {
          asked.push(refused)
          return refused === undefined && asked.length < 2 ? 'stale' : token
        },
        async fetch(url, init) {
          const headers = { ...(init?.headers as object), origin: 'http://app.localhost:3000' }
          const response = await fetch(url, { ...init, headers })
          answers.push([new URL(String(url)).pathname, response.status])
          return response
        },
      })
      return { client, asked, answers }
    }
    const called = renewing()
    expect(await called.client.auth.me.query()).toMatchObject({ kind: 'user' })
    expect(called.asked).toEqual([undefined, 'stale'])

    const streamed = renewing()
    for await (const { position } of events(streamed.client, { from: 0n })) {
      expect(position).toBeGreaterThan(0n)
      break
    }
    expect(streamed.asked).toEqual([undefined, 'stale'])
    expect(streamed.answers).toEqual([
      ['/trpc/events.on', 401],
      ['/trpc/events.on', 200],
    ])

    const never = createClient({ url: world.url, token: () => 'stale' })
    expect(await caught(never.auth.me.query())).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
  })

  test('all() turns every page', async () => {
    const wanted = (await world.client.payments.list.query({ limit: 100 })).items.map(({ id }) => id)
    expect(wanted.length).toBeGreaterThan(3)
    const seen: string[] = []
    for await (const { id } of all(world.client.payments.list, { limit: 2 })) seen.push(id)
    expect(seen).toEqual(wanted)
    let last = 0n
    for await (const { position } of all(world.client.events.list, { limit: 7, order: 'oldest' })) last = position
    expect(last).toBeGreaterThan(20n)
  })
})
