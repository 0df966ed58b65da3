import { randomUUID } from 'node:crypto'
import { dehydrate, HydrationBoundary, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createElement, type ReactNode } from 'react'
import { numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Client,
  createClient,
  type Hash,
  type IntentionStorage,
  intentions,
  signIn,
  type WalletSender,
} from '../../client-sdk/index.ts'
import { meQuery, queryDefaults, queryOf } from '../../client-sdk/next/index.ts'
import {
  type PayState,
  ServiceProvider,
  useAccess,
  useMe,
  usePay,
  usePayment,
  useServiceQuery,
  useSignIn,
  useSignOut,
} from '../../client-sdk/react/index.ts'
import { PayStore } from '../../client-sdk/react/pay-store.ts'
import { browserOn } from '../../sandbox/browser.ts'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { eventually } from '../support/eventually.ts'
import { PAGE } from '../support/people.ts'
import { testWorld, USDC, type World } from '../support/world.ts'
import { Wallet } from './support/eip1193.ts'
import { browser, probe, sharedStorage, show } from './support/tab.ts'

let world: World
let leave: Disposable
beforeAll(async () => {
  leave = browser()
  world = await testWorld({ environment: { STREAM_CHECK_MS: '500' } })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  leave[Symbol.dispose]()
})

/** Somebody at a browser of their own. */
interface Visitor {
  client: Client
  signer: Parameters<ReturnType<typeof useSignIn>['signIn']>[0]
  send: typeof fetch
  /** The requests of their browser, by path. */
  asked: string[]
}

function visitor(): Visitor {
  const account = privateKeyToAccount(generatePrivateKey())
  const send = browserOn(PAGE)
  const asked: string[] = []
  const client = createClient({
    url: world.url,
    fetch: (input, init) => {
      asked.push(new URL(String(input)).pathname.replace('/trpc/', ''))
      return send(input, init)
    },
  })
  const signMessage = (message: string) => account.signMessage({ message })
  return { client, asked, send, signer: { address: account.address, chainId: world.chain.chainId, signMessage } }
}

/** Somebody who signed in before, with a custodial wallet and a paywall to pay. The price tells transfers apart. */
let price = USDC
async function buyer(amount = 100n * USDC) {
  const somebody = visitor()
  const { client, signer } = somebody
  await signIn(client, { appId: world.appId, signer })
  const wallet = await client.wallets.open.mutate()
  if (amount > 0n) await mintUsdc(world.chain.url, { to: wallet.address, amount })
  price += 1n
  const paywall = await world.paywall({ price })
  return { ...somebody, wallet, paywall, price, ids: { paywallId: paywall.id, walletId: wallet.id } }
}

const page = ({ client }: Pick<Visitor, 'client'>, children: ReactNode[], storage?: IntentionStorage) =>
  createElement(ServiceProvider, { client, appId: world.appId, ...(storage && { storage }) }, ...children)

/** The states that were shown, without repetitions. */
const statesOf = (seen: { state: PayState }[]): PayState[] =>
  seen.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])

const paymentsOf = async ({ client, ids }: { client: Client; ids: { paywallId: string; walletId: string } }) =>
  (await client.payments.list.query(ids)).items

describe('who is there', () => {
  test('signing in and out shows it at once, and throws away what was shown to somebody else', async () => {
    const somebody = visitor()
    const [me, signing, leaving] = [probe(useMe), probe(useSignIn), probe(useSignOut)]
    const sessions = probe(() =>
      useServiceQuery((service) => service.auth.sessions, {}, { enabled: Boolean(useMe().me) }),
    )
    const wallets = probe(() =>
      useServiceQuery((service) => service.wallets.list, {}, { enabled: Boolean(useMe().me) }),
    )
    await using _ = await show(
      page(somebody, [me.element, signing.element, leaving.element, sessions.element, wallets.element]),
    )
    await eventually(() => expect(me.now().me).toBeNull())
    expect(new Set(me.seen.map((one) => one.me))).toEqual(new Set([undefined, null]))

    await signing.now().signIn(somebody.signer)
    await eventually(() => expect(me.now().me).toMatchObject({ user: { address: somebody.signer.address } }))
    await eventually(() => expect(wallets.now().data?.items).toHaveLength(1))
    expect(me.seen.filter((one) => one.error)).toEqual([])

    await leaving.now().signOut()
    await eventually(() => expect(me.now().me).toBeNull())
    await eventually(() => expect(wallets.now().data).toBeUndefined())
  })

  test('a session that is ended elsewhere is noticed', async () => {
    const { client, signer } = await buyer(0n)
    const me = probe(useMe)
    await using _ = await show(page({ client }, [me.element]))
    await eventually(() => expect(me.now().me).toMatchObject({ user: { address: signer.address } }))
    await eventually(async () => expect(await openStreams()).toBe(1))
    const { items } = await client.auth.sessions.query({})
    await client.auth.revokeSession.mutate({ sessionId: items[0]!.id })
    await eventually(() => expect(me.now().me).toBeNull())
    await eventually(async () => expect(await openStreams()).toBe(0))
  })
})

const openStreams = async () => (await world.built.services.metrics.openStreams.get()).values[0]?.value ?? 0

describe('usePay', () => {
  test('pays once however often it is clicked, by one stream, and what it opens opens by itself', async () => {
    const somebody = await buyer()
    const { ids, wallet } = somebody
    const [paying, access] = [probe(() => usePay(ids)), probe(() => useAccess(ids.paywallId, ids.walletId))]
    const payment = probe(() => usePayment(paying.seen.at(-1)?.payment?.id))
    const balance = probe(() => useServiceQuery((service) => service.wallets.balances, { walletId: wallet.id }))
    await using _ = await show(
      page(somebody, [paying.element, access.element, payment.element, balance.element], sharedStorage()),
    )
    await eventually(() => expect([paying.now().state, access.now().data?.granted]).toEqual(['idle', false]))
    await eventually(() => expect(balance.now().data?.[0]?.amount).toBe(100n * USDC))

    await Promise.all([paying.now().pay(), paying.now().pay(), paying.now().retry()])
    expect(paying.now()).toMatchObject({ state: 'settled', error: null, isBusy: false })
    expect(await openStreams()).toBe(1)
    await eventually(() => expect(access.now().data?.granted).toBe(true))
    await eventually(() => expect(balance.now().data?.[0]?.amount).toBe(100n * USDC - somebody.price))
    const states = statesOf(paying.seen)
    expect(states.slice(0, 4)).toEqual(['checking', 'idle', 'starting', 'accepted'])
    expect(states.at(-1)).toBe('settled')
    expect(new Set(states).size).toBe(states.length)
    expect(await paymentsOf(somebody)).toHaveLength(1)
    expect(await world.transfers(wallet.address, somebody.price)).toBe(1)
    paying.now().reset()
    await eventually(() => expect(paying.now().state).toBe('idle'))
  })

  test('a reload in the middle finds the payment, and shows nothing else', async () => {
    const somebody = await buyer()
    const storage = sharedStorage()
    await rpc(world.chain.url, 'evm_setAutomine', [false])
    const before = probe(() => usePay(somebody.ids))
    {
      await using _ = await show(page(somebody, [before.element], storage))
      await eventually(() => expect(before.now().state).toBe('idle'))
      void before.now().pay()
      await eventually(() => expect(before.now().state).toBe('submitted'))
    }
    const drawn = before.seen.length
    const after = probe(() => usePay(somebody.ids))
    await using _ = await show(page(somebody, [after.element], storage))
    await eventually(() => expect(after.now().state).toBe('submitted'))
    await rpc(world.chain.url, 'evm_setAutomine', [true])
    await rpc(world.chain.url, 'evm_mine', [])
    await eventually(() => expect(after.now().state).toBe('settled'))
    expect(statesOf(after.seen)).toEqual(['checking', 'submitted', 'settled'])
    expect(before.seen).toHaveLength(drawn)
    expect(await paymentsOf(somebody)).toHaveLength(1)
    expect(await world.transfers(somebody.wallet.address, somebody.price)).toBe(1)
    await eventually(() => expect(storage.entries.size).toBe(0))
  })

  test('a second tab shows the payment of the first, and opens with it', async () => {
    const somebody = await buyer()
    const storage = sharedStorage()
    const [here, there] = [probe(() => usePay(somebody.ids)), probe(() => usePay(somebody.ids))]
    const access = probe(() => useAccess(somebody.ids.paywallId, somebody.ids.walletId))
    await using _here = await show(page(somebody, [here.element], storage))
    await using _there = await show(page(somebody, [there.element, access.element], storage))
    await eventually(() => expect([here.now().state, there.now().state]).toEqual(['idle', 'idle']))
    await Promise.all([here.now().pay(), there.now().pay()])
    await eventually(() => expect([here.now().state, there.now().state]).toEqual(['settled', 'settled']))
    await eventually(() => expect(access.now().data?.granted).toBe(true))
    expect(await paymentsOf(somebody)).toHaveLength(1)
  })

  test('a second tab that only looks on follows by itself', async () => {
    const somebody = await buyer()
    const storage = sharedStorage()
    const [here, there] = [probe(() => usePay(somebody.ids)), probe(() => usePay(somebody.ids))]
    await using _here = await show(page(somebody, [here.element], storage))
    await using _there = await show(page(somebody, [there.element], storage))
    await eventually(() => expect([here.now().state, there.now().state]).toEqual(['idle', 'idle']))
    await here.now().pay()
    await eventually(() =>
      expect(there.now()).toMatchObject({ state: 'settled', payment: { id: here.now().payment!.id } }),
    )
  })

  test('a payment whose answer never came is found, and none is made by looking', async () => {
    const somebody = await buyer()
    const storage = sharedStorage()
    const name = `${somebody.ids.paywallId}:${somebody.ids.walletId}`
    const idempotencyKey = await intentions(storage).keyOf(name)
    {
      const paying = probe(() => usePay(somebody.ids))
      await using _ = await show(page(somebody, [paying.element], storage))
      await eventually(() => expect(paying.now().state).toBe('idle'))
      expect(await paymentsOf(somebody)).toEqual([])
    }
    await rpc(world.chain.url, 'evm_setAutomine', [false])
    const { id } = await somebody.client.payments.create.mutate({ ...somebody.ids, idempotencyKey })
    const paying = probe(() => usePay(somebody.ids))
    await using _ = await show(page(somebody, [paying.element], storage))
    await eventually(() => expect(paying.now().payment?.id).toBe(id))
    await rpc(world.chain.url, 'evm_setAutomine', [true])
    await rpc(world.chain.url, 'evm_mine', [])
    await eventually(() => expect(paying.now().state).toBe('settled'))
    expect(statesOf(paying.seen)).not.toContain('idle')
    expect(await paymentsOf(somebody)).toHaveLength(1)
  })

  test('what was refused for want of money is tried again by the same key', async () => {
    const somebody = await buyer(0n)
    const paying = probe(() => usePay(somebody.ids))
    await using _ = await show(page(somebody, [paying.element], sharedStorage()))
    await eventually(() => expect(paying.now().state).toBe('idle'))
    await paying.now().pay()
    await eventually(() =>
      expect(paying.now()).toMatchObject({ state: 'failed', payment: null, error: { code: 'INSUFFICIENT_BALANCE' } }),
    )
    await mintUsdc(world.chain.url, { to: somebody.wallet.address, amount: 10n * USDC })
    await paying.now().retry()
    await eventually(() => expect(paying.now()).toMatchObject({ state: 'settled', error: null }))
    expect(await paymentsOf(somebody)).toHaveLength(1)
  })

  test('a refusal of compliance is shown as one', async () => {
    const somebody = await buyer()
    await world.client.lists.add.mutate({ list: 'sanctions', address: somebody.wallet.address, reason: 'named' })
    const paying = probe(() => usePay(somebody.ids))
    await using _ = await show(page(somebody, [paying.element], sharedStorage()))
    await eventually(() => expect(paying.now().state).toBe('idle'))
    await paying.now().pay()
    await eventually(() =>
      expect(paying.now()).toMatchObject({ state: 'refused', error: { code: 'REFUSED_BY_COMPLIANCE' } }),
    )
  })
})

describe("usePay from a wallet of the person's own", () => {
  /** Somebody whose wallet does with each request what the next of these says, and signs when none is left. */
  async function owner(...answers: (() => Promise<never>)[]) {
    const account = privateKeyToAccount(generatePrivateKey())
    const { url, chainId } = world.chain
    await rpc(url, 'anvil_setBalance', [account.address, numberToHex(10n ** 18n)])
    await mintUsdc(url, { to: account.address, amount: 100n * USDC })
    const client = createClient({ url: world.url, fetch: browserOn(PAGE) })
    const signMessage = (message: string) => account.signMessage({ message })
    await signIn(client, { appId: world.appId, signer: { address: account.address, chainId, signMessage } })
    const [wallet] = (await client.wallets.list.query({})).items
    price += 1n
    const paywall = await world.paywall({ price })
    const keys = new Wallet([account], { [chainId]: url })
    let asked = 0
    const sender: WalletSender = {
      address: account.address,
      async sendCalls({ calls: [call], from }) {
        asked++
        const answer = answers.shift()
        if (answer) return answer()
        const { to, data, value } = call!
        const transaction = { from, to, data, value: numberToHex(value) }
        return (await keys.request({ method: 'eth_sendTransaction', params: [transaction] })) as Hash
      },
    }
    const ids = { paywallId: paywall.id, walletId: wallet!.id }
    return {
      client,
      wallet: wallet!,
      price,
      ids,
      sender,
      asked: () => asked,
      use: () => usePay({ ...ids, wallet: () => sender }),
    }
  }
  const no = async (): Promise<never> => {
    throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
  }

  test('a no leaves it unsigned, and the next yes pays it once', async () => {
    const somebody = await owner(no)
    const paying = probe(somebody.use)
    await using _ = await show(page(somebody, [paying.element], sharedStorage()))
    await eventually(() => expect(paying.now().state).toBe('idle'))
    await paying.now().pay()
    await eventually(() =>
      expect(paying.now()).toMatchObject({ state: 'unsigned', isBusy: false, error: { code: 'WALLET_REJECTED' } }),
    )
    const { id } = paying.now().payment!
    await paying.now().retry()
    await eventually(() => expect(paying.now()).toMatchObject({ state: 'settled', error: null, payment: { id } }))
    expect(statesOf(paying.seen).filter((state) => state !== 'accepted' && state !== 'submitted')).toEqual([
      'checking',
      'idle',
      'starting',
      'signing',
      'unsigned',
      'signing',
      'settled',
    ])
    expect(somebody.asked()).toBe(2)
    expect(await world.transfers(somebody.wallet.address, somebody.price)).toBe(1)
  })

  test('after a reload nobody is asked until they click', async () => {
    const asking = Promise.withResolvers<never>()
    const somebody = await owner(() => asking.promise)
    const storage = sharedStorage()
    const before = probe(somebody.use)
    {
      await using _ = await show(page(somebody, [before.element], storage))
      await eventually(() => expect(before.now().state).toBe('idle'))
      void before.now().pay()
      await eventually(() => expect(somebody.asked()).toBe(1))
    }
    // what a browser closes with the page
    asking.reject(new Error('the page is gone'))
    const after = probe(somebody.use)
    await using _ = await show(page(somebody, [after.element], storage))
    await eventually(() => expect(after.now().state).toBe('unsigned'))
    expect(statesOf(after.seen)).toEqual(['checking', 'unsigned'])
    expect(after.now().error).toMatchObject({ code: 'WALLET_FAILED', details: { reason: 'asked' } })
    expect(somebody.asked()).toBe(1)
    await after.now().pay()
    await eventually(() => expect(after.now().state).toBe('settled'))
    expect(somebody.asked()).toBe(2)
    expect(await paymentsOf(somebody)).toHaveLength(1)
    expect(await world.transfers(somebody.wallet.address, somebody.price)).toBe(1)
  })

  test('what was sent before a reload is reported after it, and nobody is asked', async () => {
    const somebody = await owner()
    const storage = sharedStorage()
    const { client, ids } = somebody
    const idempotencyKey = await intentions(storage).keyOf(`${ids.paywallId}:${ids.walletId}`)
    const { id: paymentId } = await client.payments.create.mutate({ ...ids, idempotencyKey })
    const calls = await client.payments.calls.mutate({ paymentId })
    await rpc(world.chain.url, 'evm_setAutomine', [false])
    const hash = await somebody.sender.sendCalls(calls)
    storage.setItem(`provider-service:sent:${paymentId}`, JSON.stringify({ hash, reported: false }))
    const grab = probe(somebody.use)
    await using _ = await show(page(somebody, [grab.element], storage))
    await eventually(() => expect(grab.now()).toMatchObject({ state: 'submitted', payment: { transactionHash: hash } }))
    await rpc(world.chain.url, 'evm_setAutomine', [true])
    await rpc(world.chain.url, 'evm_mine', [])
    await eventually(() => expect(grab.now().state).toBe('settled'))
    expect(statesOf(grab.seen)).not.toContain('unsigned')
    expect(somebody.asked()).toBe(1)
    expect(await world.transfers(somebody.wallet.address, somebody.price)).toBe(1)
  })
})

describe('what is kept of a payment', () => {
  /** Somebody who may pay from a wallet of their own, so that a payment waits until they agree or take it back. */
  async function undecided() {
    const somebody = visitor()
    const { client, signer } = somebody
    await signIn(client, { appId: world.appId, signer })
    const [wallet] = (await client.wallets.list.query({})).items
    const paywall = await world.paywall({ price: USDC })
    const ids = { paywallId: paywall.id, walletId: wallet!.id }
    const create = async (idempotencyKey: string) =>
      (await client.payments.create.mutate({ ...ids, idempotencyKey })).id
    return { ...somebody, ids, create, name: `${ids.paywallId}:${ids.walletId}` }
  }

  test('a tab that sees late how a payment ended leaves the next one alone', async () => {
    const { client, send, ids, create, name } = await undecided()
    const storage = sharedStorage()
    const first = await create(await intentions(storage).keyOf(name))
    let awake = Promise.withResolvers<void>()
    awake.resolve()
    const asleep = createClient({
      url: world.url,
      fetch: async (input, init) => {
        await awake.promise
        return send(input, init)
      },
    })
    const late = new PayStore(asleep, ids, storage)
    late.look()
    await eventually(() => expect(late.status().payment?.id).toBe(first))
    awake = Promise.withResolvers()

    // ended and paid anew in another tab
    await client.payments.cancel.mutate({ paymentId: first })
    const here = new PayStore(client, ids, storage)
    here.look()
    await eventually(() => expect(here.status()).toMatchObject({ state: 'failed', payment: { id: first } }))
    void here.pay()
    await eventually(() => expect(here.status().state).toBe('accepted'))
    const { id: second } = here.status().payment!
    expect(second).not.toBe(first)

    awake.resolve()
    await eventually(() => expect(late.status().state).toBe('failed'))
    const reloaded = new PayStore(client, ids, storage)
    reloaded.look()
    await eventually(() => expect(reloaded.status().payment?.id).toBe(second))
    expect(await paymentsOf({ client, ids })).toHaveLength(2)
    for (const store of [late, here, reloaded]) store.leave()
  })

  test('somebody else at the same browser, who may not see it, does not make it forgotten', async () => {
    const { client, ids, create, name } = await undecided()
    const storage = sharedStorage()
    const key = await intentions(storage).keyOf(name)
    const id = await create(key)
    storage.setItem(`provider-service:payment:${name}`, `${key} ${id}`)
    const mine = new PayStore(client, ids, storage)
    mine.look()
    await eventually(() => expect(mine.status().payment?.id).toBe(id))
    mine.leave()

    const other = visitor()
    await signIn(other.client, { appId: world.appId, signer: other.signer })
    const theirs = new PayStore(other.client, ids, storage)
    theirs.look()
    await eventually(() => expect(theirs.status().state).toBe('idle'))
    theirs.leave()

    const again = new PayStore(client, ids, storage)
    again.look()
    await eventually(() => expect(again.status().payment?.id).toBe(id))
    again.leave()
  })
})

test('while the service is away the payment keeps its state, and goes on by itself', async () => {
  const somebody = await buyer()
  const paying = probe(() => usePay(somebody.ids))
  let away = false
  const client = createClient({
    url: world.url,
    fetch: (input, init) => (away ? Promise.reject(new TypeError('fetch failed')) : somebody.send(input, init)),
  })
  await rpc(world.chain.url, 'evm_setAutomine', [false])
  await using _ = await show(page({ client }, [paying.element], sharedStorage()))
  await eventually(() => expect(paying.now().state).toBe('idle'))
  void paying.now().pay()
  await eventually(() => expect(paying.now().state).toBe('submitted'))
  away = true
  await eventually(() => expect(paying.now()).toMatchObject({ state: 'submitted', error: { code: 'UNREACHABLE' } }))
  away = false
  await rpc(world.chain.url, 'evm_setAutomine', [true])
  await rpc(world.chain.url, 'evm_mine', [])
  await eventually(() => expect(paying.now()).toMatchObject({ state: 'settled', error: null }))
})

describe('on the server', () => {
  test('nothing is asked, and nothing is claimed to be known', async () => {
    const { renderToString } = await import('react-dom/server')
    const somebody = visitor()
    const ids = { paywallId: randomUUID(), walletId: randomUUID() }
    const [me, paying, access] = [
      probe(useMe),
      probe(() => usePay(ids)),
      probe(() => useAccess(ids.paywallId, ids.walletId)),
    ]
    renderToString(page(somebody, [me.element, paying.element, access.element]))
    expect(me.now().me).toBeUndefined()
    expect(paying.now()).toMatchObject({ state: 'checking', isBusy: true })
    expect(access.now().data).toBeUndefined()
    expect(somebody.asked).toEqual([])
  })

  test('what it reads is there from the first moment, with its amounts and times', async () => {
    const somebody = await buyer(0n)
    const { client, ids, paywall } = somebody
    const server = new QueryClient(queryDefaults)
    await Promise.all([
      server.prefetchQuery(meQuery(client)),
      server.prefetchQuery(queryOf(client, (service) => service.paywalls.get, { paywallId: ids.paywallId })),
      server.prefetchQuery(queryOf(client, (service) => service.access.check, ids)),
    ])
    const state = JSON.parse(JSON.stringify(dehydrate(server)))

    somebody.asked.length = 0
    const me = probe(useMe)
    const paywalls = probe(() => useServiceQuery((service) => service.paywalls.get, { paywallId: ids.paywallId }))
    const access = probe(() => useAccess(ids.paywallId, ids.walletId))
    const browserClient = new QueryClient(queryDefaults)
    await using _ = await show(
      createElement(
        QueryClientProvider,
        { client: browserClient },
        createElement(HydrationBoundary, { state }, page(somebody, [me.element, paywalls.element, access.element])),
      ),
    )
    await eventually(() => expect(paywalls.seen.length).toBeGreaterThan(0))
    expect(paywalls.seen[0]!.data).toMatchObject({ price: paywall.price, createdAt: paywall.createdAt })
    expect(me.seen[0]!.me).toMatchObject({ user: { address: somebody.signer.address } })
    expect(access.seen[0]!.data).toEqual({ granted: false, access: null })
    expect(typeof paywalls.seen[0]!.data!.price).toBe('bigint')
    await eventually(async () => expect(await openStreams()).toBe(1))
    browserClient.clear()
  })
})
