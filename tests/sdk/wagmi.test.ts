import { connect, createConfig, disconnect, injected } from '@wagmi/core'
import { defineChain, encodeFunctionData, erc20Abi, http, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type Client,
  createClient,
  errorOf,
  type Hash,
  type ProviderServiceError,
  pay,
  signIn,
  type WalletCalls,
} from '../../client-sdk/index.ts'
import { confirm, signer, wallet, watchWallet } from '../../client-sdk/wagmi/index.ts'
import { browserOn } from '../../sandbox/browser.ts'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import { eventually } from '../support/eventually.ts'
import { PAGE } from '../support/people.ts'
import { testWorld, USDC, type World } from '../support/world.ts'
import { Wallet } from './support/eip1193.ts'
import { browser } from './support/tab.ts'

let world: World
let other: Chain
let leave: Disposable
beforeAll(async () => {
  leave = browser()
  ;[world, other] = await Promise.all([testWorld(), startChain({ chainId: 31_337 })])
})
afterEach(() => {
  for (const end of endings.splice(0)) end()
})
afterAll(async () => {
  await Promise.all([world[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
  leave[Symbol.dispose]()
})
const endings: (() => void)[] = []

/** Somebody with a wallet that holds 100 USDC and something for fees, at a browser of theirs on a page that uses wagmi. */
async function somebody({ funded = true, knows = 'both' as 'both' | 'the other chain' } = {}) {
  const [account, second] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]
  const { chainId, url } = world.chain
  if (funded) {
    await rpc(url, 'anvil_setBalance', [account.address, numberToHex(10n ** 18n)])
    await mintUsdc(url, { to: account.address, amount: 100n * USDC })
  }
  const provider = new Wallet([account, second], {
    [other.chainId]: other.url,
    ...(knows === 'both' && { [chainId]: url }),
  })
  if (knows === 'both') provider.chainId = chainId
  const paymentsChain = defineChain({ ...avalancheFuji, id: chainId, rpcUrls: { default: { http: [url] } } })
  const otherChain = defineChain({
    id: other.chainId,
    name: 'Elsewhere',
    nativeCurrency: avalancheFuji.nativeCurrency,
    rpcUrls: { default: { http: [other.url] } },
  })
  const config = createConfig({
    chains: [paymentsChain, otherChain],
    connectors: [injected({ target: { id: 'test', name: 'Test', provider: provider as never } })],
    transports: { [paymentsChain.id]: http(url), [otherChain.id]: http(other.url) },
    pollingInterval: 50,
    storage: null,
    multiInjectedProviderDiscovery: false,
  })
  await connect(config, { connector: config.connectors[0]! })
  const client = createClient({ url: world.url, fetch: browserOn(PAGE) })
  const calls = (more: Partial<WalletCalls> = {}): WalletCalls => ({
    paymentId: 'p',
    chain: `eip155:${chainId}`,
    from: account.address,
    calls: [{ to: world.contracts.usdc, data: transfer, value: 0n }],
    expiresAt: new Date(Date.now() + 60_000),
    ...more,
  })
  return { account, second, provider, config, client, calls }
}

const recipient = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, USDC] })

const failure = (promise: Promise<unknown>): Promise<ProviderServiceError> =>
  promise.then(
    () => expect.unreachable('It worked'),
    (error) => errorOf(error),
  )

const sent = ({ asked }: Wallet) => asked.filter(({ method }) => method === 'eth_sendTransaction').length

/** A sentence that a person can read: no jargon, no stack, ends as sentences do. */
const sentence = /^[A-Z][^\n{}[\]]*[.]$/

describe('signer', () => {
  test('signs somebody in', async () => {
    const { config, client, account } = await somebody()
    const { user } = await signIn(client, { appId: world.appId, signer: signer(config) })
    expect(user.address).toBe(account.address)
  })

  test('a no in the wallet is told as one', async () => {
    const { config, client, provider } = await somebody()
    provider.refusals.set('personal_sign', { code: 4001, message: 'User denied message signature.' })
    const error = await failure(signIn(client, { appId: world.appId, signer: signer(config) }))
    expect(error).toMatchObject({ code: 'WALLET_REJECTED', retryable: true, message: expect.stringMatching(sentence) })
  })

  test('without a connected wallet there is none', async () => {
    const { config } = await somebody()
    await disconnect(config)
    for (const make of [signer, wallet])
      expect(await failure((async () => make(config))())).toMatchObject({
        code: 'WALLET_FAILED',
        details: { reason: 'not_connected' },
        message: expect.stringMatching(sentence),
      })
  })
})

describe('wallet', () => {
  test('sends the very call, and the chain shows it', async () => {
    const { config, calls, account } = await somebody()
    const hash = await wallet(config).sendCalls(calls())
    expect(await confirm(config, hash, { chain: calls().chain })).toEqual({ hash, blockNumber: expect.any(BigInt) })
    const { from, to, input } = await rpc<Record<string, string>>(world.chain.url, 'eth_getTransactionByHash', [hash])
    expect([from, to, input]).toEqual([account.address.toLowerCase(), world.contracts.usdc.toLowerCase(), transfer])
  })

  test.each(['both', 'the other chain'] as const)('changes the network, of a wallet that knows %s', async (knows) => {
    const { config, calls, provider } = await somebody({ knows })
    if (knows === 'both')
      await provider.request({
        method: 'wallet_switchEthereumChain',
        params: [{ chainId: numberToHex(other.chainId) }],
      })
    const hash = await wallet(config).sendCalls(calls())
    expect(provider.chainId).toBe(world.chain.chainId)
    expect((await confirm(config, hash)).hash).toBe(hash)
  })

  test.each(['both', 'the other chain'] as const)(
    'a network that is not changed is WRONG_CHAIN (%s)',
    async (knows) => {
      const { config, calls, provider } = await somebody({ knows })
      provider.chainId = other.chainId
      const no = { code: 4001, message: 'User rejected the request.' }
      provider.refusals.set('wallet_switchEthereumChain', knows === 'both' ? no : { code: 4902, message: 'Unknown' })
      provider.refusals.set('wallet_addEthereumChain', no)
      const error = await failure(wallet(config).sendCalls(calls()))
      expect(error).toMatchObject({ code: 'WRONG_CHAIN', retryable: true, message: expect.stringMatching(sentence) })
      expect(error.message).toContain('Avalanche Fuji')
      expect(sent(provider)).toBe(0)
    },
  )

  test.each([4001, 5000])('a no in the wallet (%s) is told as one, and the same may be asked again', async (code) => {
    const { config, calls, provider } = await somebody()
    provider.refusals.set('eth_sendTransaction', { code, message: 'User denied transaction signature.' })
    const error = await failure(wallet(config).sendCalls(calls()))
    expect(error).toMatchObject({ code: 'WALLET_REJECTED', retryable: true, message: expect.stringMatching(sentence) })
    provider.refusals.clear()
    expect(await wallet(config).sendCalls(calls())).toMatch(/^0x[0-9a-f]{64}$/)
  })

  test('another account than the payer is not asked', async () => {
    const { config, calls, second, account, provider } = await somebody()
    const error = await failure(wallet(config).sendCalls(calls({ from: second.address })))
    expect(error).toMatchObject({ code: 'WALLET_FAILED', details: { reason: 'other_account' } })
    expect(error.message).toContain(`${account.address.slice(0, 6)}…`)
    expect(sent(provider)).toBe(0)
  })

  test('a wallet without money for the fee is told so', async () => {
    const { config, calls, provider } = await somebody({ funded: false })
    provider.refusals.set('eth_sendTransaction', {
      code: -32000,
      message: 'insufficient funds for gas * price + value: have 0 want 1',
    })
    const error = await failure(wallet(config).sendCalls(calls()))
    expect(error).toMatchObject({ code: 'WALLET_FAILED', details: { reason: 'no_gas' } })
    expect(error.message).toContain('AVAX')
  })

  test('whatever else goes wrong does not claim that nothing was sent', async () => {
    const { config, calls, provider } = await somebody()
    provider.refusals.set('eth_sendTransaction', { code: -32603, message: 'Internal error' })
    const error = await failure(wallet(config).sendCalls(calls()))
    expect(error).toMatchObject({ code: 'WALLET_FAILED', details: { reason: 'failed' } })
    expect(error.message).not.toMatch(/nothing was/i)
  })

  test('pays a paywall of the service, once, after a no as well', async () => {
    const { config, client, account, provider } = await somebody()
    await signIn(client, { appId: world.appId, signer: signer(config) })
    const [own] = (await client.wallets.list.query({})).items
    const price = USDC + 77n
    const paywall = await world.paywall({ price })
    const input = { paywallId: paywall.id, walletId: own!.id, idempotencyKey: `order-${paywall.id}` }
    provider.refusals.set('eth_sendTransaction', { code: 4001, message: 'User denied transaction signature.' })
    expect(await failure(pay(client, { ...input, wallet: wallet(config) }))).toMatchObject({ code: 'WALLET_REJECTED' })
    provider.refusals.clear()
    const payment = await pay(client, { ...input, wallet: wallet(config) })
    expect(payment).toMatchObject({ state: 'settled', amount: price, payer: account.address })
    expect(await world.transfers(account.address, price)).toBe(1)
    expect((await client.payments.list.query({ walletId: own!.id })).items).toHaveLength(1)
  })
})

describe('confirm', () => {
  test('tells of what was mined without effect', async () => {
    const { config, account } = await somebody()
    const url = world.chain.url
    const signed = await account.signTransaction({
      chainId: world.chain.chainId,
      nonce: 0,
      gas: 200_000n,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 10n ** 9n,
      to: world.contracts.usdc,
      data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, 1_000n * USDC] }),
    })
    const hash = await rpc<Hash>(url, 'eth_sendRawTransaction', [signed])
    expect(await failure(confirm(config, hash))).toMatchObject({
      code: 'WALLET_FAILED',
      details: { reason: 'reverted' },
    })
  })

  test('tells of what is not found in time', async () => {
    const { config } = await somebody()
    const error = await failure(confirm(config, `0x${'ab'.repeat(32)}`, { timeout: 200 }))
    expect(error).toMatchObject({ code: 'WALLET_FAILED', details: { reason: 'not_found' } })
  })
})

describe('watchWallet', () => {
  const codeOf = (client: Client) =>
    client.auth.me.query().then(
      () => null,
      (error) => errorOf(error).code,
    )

  async function watched() {
    const everything = await somebody()
    const { config, client } = everything
    await signIn(client, { appId: world.appId, signer: signer(config) })
    let told = 0
    const unwatch = watchWallet(config, { client, onSignedOut: () => void told++ })
    endings.push(unwatch)
    return { ...everything, unwatch, told: () => told }
  }

  test.each(['another account', 'no account', 'disconnected'] as const)('%s ends the session', async (how) => {
    const { provider, second, config, client, told } = await watched()
    expect(await codeOf(client)).toBeNull()
    if (how === 'another account') provider.choose(second)
    if (how === 'no account') provider.lock()
    if (how === 'disconnected') await disconnect(config)
    await eventually(() => expect(told()).toBe(1))
    expect(await codeOf(client)).toBe('UNAUTHENTICATED')
  })

  test('who signs in while the service could not be asked is not signed out', async () => {
    const { provider, second, config } = await somebody()
    const send = browserOn(PAGE)
    const client = createClient({ url: world.url, fetch: send })
    await signIn(client, { appId: world.appId, signer: signer(config) })
    const signedIn = Promise.withResolvers<void>()
    const asked: string[] = []
    const away: Client = createClient({
      url: world.url,
      fetch: async (input, init) => {
        const path = new URL(String(input)).pathname.replace('/trpc/', '')
        asked.push(path)
        if (asked.length === 1) throw new TypeError('fetch failed')
        await signedIn.promise
        return send(input, init)
      },
    })
    endings.push(watchWallet(config, { client: away }))
    provider.choose(second)
    await eventually(() => expect(asked).toEqual(['auth.signOut']))
    await signIn(client, { appId: world.appId, signer: signer(config) })
    signedIn.resolve()
    await eventually(() => expect(asked).toHaveLength(2))
    expect(asked).toEqual(['auth.signOut', 'auth.me'])
    expect(await codeOf(client)).toBeNull()
  })

  test('another network does not, and nothing does when it is no longer watched', async () => {
    const { provider, second, client, told, unwatch } = await watched()
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: numberToHex(other.chainId) }] })
    expect(await codeOf(client)).toBeNull()
    unwatch()
    provider.choose(second)
    expect(await codeOf(client)).toBeNull()
    expect(told()).toBe(0)
  })
})
