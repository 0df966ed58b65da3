import { wrap } from '@faremeter/fetch'
import { createPaymentHandler } from '@faremeter/payment-evm/exact'
import { wrapAxiosWithPayment } from '@x402/axios'
import { x402Client } from '@x402/core/client'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import { createSIWxClientExtension } from '@x402/extensions/sign-in-with-x'
import { wrapFetchWithPayment } from '@x402/fetch'
import axios from 'axios'
import { type Address, createWalletClient, http, publicActions } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wrapFetchWithPayment as wrapFetchV1 } from 'x402-fetch'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { network, urlOf } from '../../../tests/http/x402/support/buyer.ts'
import { testWorld, type World } from '../../../tests/support/world.ts'

// Clients of others as npm has them: each is given a key, the address of a paywall, and nothing else of ours.

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

const price = 50_000n

async function somebodyAndPaywall() {
  const account = privateKeyToAccount(generatePrivateKey())
  await mintUsdc(world.chain.url, { to: account.address, amount: 1_000_000n })
  const { id } = await world.paywall({ price })
  return { account, url: urlOf(world, id) }
}

/** The second version's client, allowed to pay with a token that it does not know. */
function clientOf(account: ReturnType<typeof privateKeyToAccount>): x402Client {
  const client = new x402Client()
  registerExactEvmScheme(client, { signer: account, networks: [network] })
  client.setSpendControls({
    allowedAssets: [{ network, asset: world.contracts.usdc, maxAmountPerPayment: String(price) }],
  })
  return client
}

interface Receipt {
  payment: { state: string; payer: Address; amount: string; transaction: string }
}

async function expectBought(receipt: unknown, payer: Address): Promise<void> {
  expect(receipt).toMatchObject({ payment: { state: 'settled', payer, amount: String(price) } })
  const { transaction } = (receipt as Receipt).payment
  expect(transaction).toMatch(/^0x[0-9a-f]{64}$/)
  expect(await world.transfers(payer, price)).toBe(1)
}

test('@x402/fetch buys', async () => {
  const { account, url } = await somebodyAndPaywall()
  const response = await wrapFetchWithPayment(fetch, clientOf(account))(url)
  expect(response.status).toBe(200)
  expect(response.headers.get('payment-response')).not.toBeNull()
  await expectBought(await response.json(), account.address)
})

test('@x402/fetch comes back by signing, and does not pay again', async () => {
  const { account, url } = await somebodyAndPaywall()
  const client = clientOf(account)
  client.registerExtension(createSIWxClientExtension({ signers: [account] }))
  const buying = wrapFetchWithPayment(fetch, client)
  const first = await buying(url)
  expect(first.status).toBe(200)
  const second = await buying(url)
  expect(second.status).toBe(200)
  expect(second.headers.get('payment-response')).toBeNull()
  await expectBought(await second.json(), account.address)
})

test('@x402/axios buys', async () => {
  const { account, url } = await somebodyAndPaywall()
  // its types are of an older core
  const response = await wrapAxiosWithPayment(axios.create(), clientOf(account) as never).get(url)
  expect(response.status).toBe(200)
  await expectBought(response.data, account.address)
})

test('@faremeter/fetch, of other authors, buys', async () => {
  const { account, url } = await somebodyAndPaywall()
  const handler = createPaymentHandler(
    {
      chain: { id: world.chain.chainId, name: 'Avalanche Fuji' },
      address: account.address,
      account: { signTypedData: (data) => account.signTypedData(data as Parameters<typeof account.signTypedData>[0]) },
    },
    {
      asset: { address: world.contracts.usdc, contractName: 'USD Coin', forceAssetMatch: true, decimals: 6 } as never,
    },
  )
  const response = await wrap(fetch, { handlers: [handler], retryCount: 0 })(url)
  expect(response.status).toBe(200)
  await expectBought(await response.json(), account.address)
})

test('x402-fetch, of the first version, buys', async () => {
  const { account, url } = await somebodyAndPaywall()
  const wallet = createWalletClient({
    account,
    chain: avalancheFuji,
    transport: http(world.chain.url),
  }).extend(publicActions)
  const response = await wrapFetchV1(fetch, wallet as never)(url)
  expect(response.status).toBe(200)
  expect(response.headers.get('x-payment-response')).not.toBeNull()
  await expectBought(await response.json(), account.address)
})
