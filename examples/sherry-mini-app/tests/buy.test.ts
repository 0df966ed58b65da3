import { DynamicActionExecutor } from '@sherrylinks/sdk'
import { createPublicClient, type Hex, http, numberToHex, parseTransaction } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, signIn } from '../../../client-sdk/index.ts'
import { browserOn } from '../../../sandbox/browser.ts'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { people } from '../../../sandbox/people.ts'
import type { Paywall } from '../../../server/contract/entities.ts'
import { growth, rowCounts } from '../../../tests/http/support/rows.ts'
import { run } from '../../../tests/http/support/run.ts'
import { PAGE } from '../../../tests/support/people.ts'
import { testWorld, USDC, type World } from '../../../tests/support/world.ts'
import { type BrowserWallet, buy, type Offer } from '../buy.ts'
import { walletOfKey } from '../wallet-of-key.ts'
import { newerExecutor, startProxy } from './newer-sherry.ts'

const app = 'http://localhost:3000'
const price = (3n * USDC) / 2n

let world: World
let paywall: Paywall
let miniApp: string
beforeAll(async () => {
  world = await testWorld()
  paywall = await world.paywall({ price, accessSeconds: 86_400 })
  miniApp = `${world.url}/sherry/paywalls/${paywall.id}`
})
afterAll(() => world[Symbol.asyncDispose]())

/** Somebody with gas and USDC, and their wallet. */
async function buyer(amount = 10n * price) {
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  await rpc(world.chain.url, 'anvil_setBalance', [account.address, numberToHex(10n ** 20n)])
  if (amount > 0n) await mintUsdc(world.chain.url, { to: account.address, amount })
  return { account, wallet: walletOfKey(key, world.chain.url) }
}

const inputOf = async (hash: Hex) => {
  const client = createPublicClient({ transport: http(world.chain.url) })
  return (await client.getTransaction({ hash })).input
}

/** Signs in with the wallet that has paid, and says so: what the page of `claimUrl` does. Resolves with who has got access. */
async function claim(account: PrivateKeyAccount, hash: Hex) {
  const client = createClient({ url: world.url, fetch: browserOn(PAGE) })
  const { address } = account
  const signMessage = (message: string) => account.signMessage({ message })
  await signIn(client, { appId: world.appId, signer: { address, chainId: world.chain.chainId, signMessage } })
  const { items } = await client.wallets.list.query({})
  const wallet = items.find((one) => one.address === address)!
  const access = () => client.access.check.query({ paywallId: paywall.id, walletId: wallet.id })
  expect((await access()).granted).toBe(false)
  const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: hash }
  const { id: paymentId } = await client.payments.create.mutate(purchase)
  await client.payments.submitted.mutate({ paymentId, hash })
  await world.until(paymentId, 'settled')
  return access()
}

describe('with the SDK of npm', () => {
  test('the transaction of the mini-app pays the price, and names the paywall', async () => {
    const { account, wallet } = await buyer()
    const offers: Offer[] = []

    const { hash, claimUrl } = await buy({ miniApp, wallet, app, confirm: (offer) => offers.push(offer) > 0 })

    expect(await world.transfers(account.address, price)).toBe(1)
    expect((await inputOf(hash)).endsWith(paywall.id.replaceAll('-', ''))).toBe(true)
    expect(claimUrl).toBe(`${app}/claim?paywall=${paywall.id}&hash=${hash}`)
    expect(offers).toMatchObject([
      {
        title: 'A test',
        label: 'Pay 1.5 USDC',
        chainId: 43_113,
        from: account.address,
        to: world.contracts.usdc,
        value: 0n,
      },
    ])
  })

  test('what was paid is claimed by signing in with the wallet that paid', async () => {
    const { account, wallet } = await buyer(price)
    const { claimUrl } = await buy({ miniApp, wallet, app })
    const hash = new URL(claimUrl).searchParams.get('hash') as Hex
    expect(await claim(account, hash)).toMatchObject({ granted: true })
  })

  test('paying writes nothing into the service, and gives no access', async () => {
    const { wallet } = await buyer()
    const before = await rowCounts(world.database)
    await buy({ miniApp, wallet, app })
    expect(growth(before, await rowCounts(world.database))).toEqual({})
  })

  test('who says no is asked to sign nothing', async () => {
    const { account, wallet } = await buyer()
    await expect(buy({ miniApp, wallet, app, confirm: () => false })).rejects.toThrow('You decided not to pay.')
    expect(await world.transfers(account.address, price)).toBe(0)
  })

  test('a wallet on another chain sends nothing', async () => {
    const { account, wallet } = await buyer()
    const elsewhere: BrowserWallet = {
      request: (call) =>
        call.method === 'wallet_switchEthereumChain' ? Promise.reject(new Error('not there')) : wallet.request(call),
    }
    await expect(buy({ miniApp, wallet: elsewhere, app })).rejects.toThrow('not there')
    expect(await world.transfers(account.address, price)).toBe(0)
  })

  test('who has too little pays nothing', async () => {
    const { account, wallet } = await buyer(price - 1n)
    await expect(buy({ miniApp, wallet, app })).rejects.toThrow(/revert|exceeds balance|InsufficientBalance/)
    expect(await world.transfers(account.address, price)).toBe(0)
  })

  test('a refusal comes through the SDK with its rule', async () => {
    const { account, wallet } = await buyer()
    await world.client.lists.add.mutate({ list: 'deny', address: account.address, reason: 'a test' })
    await expect(buy({ miniApp, wallet, app })).rejects.toThrow(/403.*does not allow this payment: deny-list/)
  })

  test('a closed paywall says so', async () => {
    const { wallet } = await buyer()
    const { id } = await world.paywall()
    await world.client.paywalls.archive.mutate({ paywallId: id })
    const closed = `${world.url}/sherry/paywalls/${id}`
    await expect(buy({ miniApp: closed, wallet, app })).rejects.toThrow('This paywall is closed')
  })

  test('its executor does not take the mini-app of the newer version: that is what the dialects are for', async () => {
    const metadata = await (await fetch(miniApp)).json()
    expect(metadata.actions[0].chains).toEqual({ source: 43_113 })
    const { createMetadata } = await import('@sherrylinks/sdk')
    expect(() => createMetadata(metadata)).toThrow('Unknown action type')
    // the answer to the action itself is one for both
    const { account } = await buyer(0n)
    const executor = new DynamicActionExecutor(world.url)
    await expect(executor.execute(metadata.actions[0], {}, { userAddress: account.address })).resolves.toMatchObject({
      chainId: '43113',
    })
  })
})

test('npm start buys in the sandbox, and says where to unlock it', async () => {
  const { stdout } = await run('examples/sherry-mini-app/start.ts', [], {
    PROVIDER_URL: world.url,
    APP_URL: app,
    PAYWALL_ID: paywall.id,
    RPC_URL: world.chain.url,
    USDC: world.contracts.usdc,
  })
  const [, hash] = /^Paid by (0x[0-9a-f]{64})$/m.exec(stdout) ?? []
  expect(stdout).toContain(`${app}/claim?paywall=${paywall.id}&hash=${hash}`)
  expect(await world.transfers(people.reader.address, price)).toBe(1)
})

describe('through a proxy, as the newer SDK asks', () => {
  test.each([
    ['a body with the context', undefined],
    ['a form with a file', new Blob(['some text'])],
  ])('%s: its transaction pays', async (_, file) => {
    await using proxy = await startProxy()
    const { account, wallet } = await buyer()
    const executor = newerExecutor(proxy.url)
    const { baseUrl, actions } = await executor.getMetadata(miniApp)
    expect(actions[0].chains).toEqual({ source: 43_113 })

    const answer = await executor.execute(baseUrl, actions[0], account.address, file)
    const { to, data } = parseTransaction(answer.serializedTransaction)
    const sent = { to, data, value: '0x0' }
    const hash = (await wallet.request({ method: 'eth_sendTransaction', params: [sent] })) as Hex

    expect(await world.transfers(account.address, price)).toBe(1)
    expect(await claim(account, hash)).toMatchObject({ granted: true })
    expect(proxy.passed.map(({ method }) => method)).toEqual(['GET', 'POST'])
    expect(proxy.passed[1]!.headers).toMatchObject({ 'x-sherry-proxy': 'true', 'x-wallet-address': account.address })
    expect(proxy.passed[1]!.body).toContain(account.address)
  })

  test('a refusal passes with its words', async () => {
    await using proxy = await startProxy()
    const { account } = await buyer(0n)
    await world.client.lists.add.mutate({ list: 'deny', address: account.address, reason: 'a test' })
    const executor = newerExecutor(proxy.url)
    const { baseUrl, actions } = await executor.getMetadata(miniApp)
    await expect(executor.execute(baseUrl, actions[0], account.address)).rejects.toThrow(/^HTTP 403: .*deny-list/)
  })
})
