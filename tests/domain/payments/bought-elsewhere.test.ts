import {
  type Address,
  encodeFunctionData,
  type Hash,
  type Hex,
  keccak256,
  parseEventLogs,
  parseTransaction,
  stringToHex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { sendAs } from '../../../sandbox/chain/send-as.ts'
import { payerRouterAbi, usdcAbi } from '../../../sandbox/contracts/abi.ts'
import usdcCode from '../../../sandbox/contracts/compiled/USDC.json' with { type: 'json' }
import type { Payment, Paywall } from '../../../server/contract/entities.ts'
import { eventually } from '../../support/eventually.ts'
import { type Payer, payer, transferData } from '../../support/payer.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

// Bought where we were not asked: through a mini-app, or through Payer Tiger's router; and what only looks like it.

const price = 3n * USDC
const handle = 'the-merchant'
const merchant = privateKeyToAccount(generatePrivateKey()).address

let world: World
let paywall: Paywall
let another: Paywall
let router: Address
let usdc: Address
beforeAll(async () => {
  world = await testWorld()
  ;({ payerRouter: router, usdc } = world.contracts)
  paywall = await world.paywall({ price, recipient: merchant })
  another = await world.paywall({ price, recipient: merchant })
  await register(handle, merchant)
})
afterAll(() => world[Symbol.asyncDispose]())

const register = (name: string, payee: Address) =>
  sendAs(world.chain.url, payee, [
    { to: router, data: encodeFunctionData({ abi: payerRouterAbi, functionName: 'addPayee', args: [name, payee] }) },
  ])

const contentIdOf = ({ id }: { id: string }): Hash => keccak256(stringToHex(id))

interface Routed {
  contentId?: Hash
  to?: string
  token?: Address
  amount?: bigint
}

/** Pays through the router, as the page of the first Payer Tiger did. */
async function route(buyer: Payer, routed: Routed = {}): Promise<Hash> {
  const { contentId = contentIdOf(paywall), to = handle, token = usdc, amount = price } = routed
  const approve = encodeFunctionData({ abi: usdcAbi, functionName: 'approve', args: [router, amount] })
  await buyer.send({ to: token, data: approve })
  const args = [contentId, to, token, amount] as const
  const data = encodeFunctionData({ abi: payerRouterAbi, functionName: 'payAndLogAccess', args })
  return buyer.send({ to: router, data })
}

/** What the mini-app has its host sign. */
async function fromMiniApp({ address }: Payer): Promise<{ to: Address; data: Hex }> {
  const response = await fetch(`${world.url}/sherry/paywalls/${paywall.id}/pay`, {
    method: 'POST',
    headers: { 'x-wallet-address': address },
  })
  const { serializedTransaction } = (await response.json()) as { serializedTransaction: Hex }
  const { to, data } = parseTransaction(serializedTransaction)
  return { to: to!, data: data! }
}

/** Says that this chain transaction has paid the paywall. */
async function claim(buyer: Payer, hash: Hash): Promise<Payment> {
  const { id: paymentId } = await buyer.accept(paywall)
  return buyer.client.payments.submitted.mutate({ paymentId, hash })
}

const accessOf = ({ client, wallet }: Payer) =>
  client.access.check.query({ paywallId: paywall.id, walletId: wallet.id }).then(({ granted }) => granted)

/** The payment, once something was found out about what was said to pay it. */
const judged = (paymentId: string): Promise<Payment> =>
  eventually(async () => {
    const payment = await world.client.payments.get.query({ paymentId })
    if (payment.state !== 'settled' && payment.failure === null) throw new Error(`still ${payment.state}`)
    return payment
  })

/** The events of the router in a chain transaction, once a block has it. */
async function accessedIn(hash: Hash) {
  const { logs } = await eventually(async () => {
    const receipt = await rpc<{ logs: never[] } | null>(world.chain.url, 'eth_getTransactionReceipt', [hash])
    if (!receipt) throw new Error(`no block has ${hash}`)
    return receipt
  })
  return parseEventLogs({ abi: payerRouterAbi, eventName: 'ContentAccessed', logs })
}

describe.concurrent('settles, once its payer says so who has signed in', () => {
  test('what a mini-app of Sherry had them sign', async () => {
    const buyer = await payer(world, { amount: price })
    const hash = await buyer.send(await fromMiniApp(buyer))
    expect(await accessOf(buyer)).toBe(false)

    const { id } = await claim(buyer, hash)

    expect(await judged(id)).toMatchObject({ state: 'settled', transactionHash: hash, payer: buyer.address })
    expect(await accessOf(buyer)).toBe(true)
  })

  test('what they paid through the router', async () => {
    const buyer = await payer(world, { amount: price })
    const hash = await route(buyer)
    expect(await accessOf(buyer)).toBe(false)

    const { id } = await claim(buyer, hash)

    expect(await judged(id)).toMatchObject({ state: 'settled', transactionHash: hash })
    expect(await accessOf(buyer)).toBe(true)
  })
})

describe.concurrent('buys nothing', () => {
  /** A token like USDC in every way, but that anybody has it for nothing. */
  async function worthless(buyer: Payer): Promise<Address> {
    const token = privateKeyToAccount(generatePrivateKey()).address
    await rpc(world.chain.url, 'anvil_setCode', [token, usdcCode.deployedBytecode])
    const mint = encodeFunctionData({ abi: usdcAbi, functionName: 'mint', args: [buyer.address, price] })
    await buyer.send({ to: token, data: mint })
    return token
  }

  const routedWrongly: [string, (buyer: Payer) => Promise<Routed>][] = [
    ['a worthless token', async (buyer) => ({ token: await worthless(buyer) })],
    ['less than the price', async () => ({ amount: price - 1n })],
    ['one base unit', async () => ({ amount: 1n })],
    ['more than the price', async () => ({ amount: price + 1n })],
    ['the price of another paywall', async () => ({ contentId: contentIdOf(another) })],
    [
      'the id as text, cut to 32 bytes',
      async () => ({ contentId: stringToHex(paywall.id.slice(0, 32), { size: 32 }) }),
    ],
    [
      'a handle of the payer’s own',
      async () => {
        const accomplice = privateKeyToAccount(generatePrivateKey()).address
        await register(`an-${accomplice.slice(2, 22)}`, accomplice)
        return { to: `an-${accomplice.slice(2, 22)}` }
      },
    ],
  ]
  test.each(routedWrongly)('through the router: %s, though its event looks right', async (_, wrongly) => {
    const buyer = await payer(world)
    const hash = await route(buyer, await wrongly(buyer))
    expect(await accessedIn(hash)).toHaveLength(1)

    const { id } = await claim(buyer, hash)

    expect((await judged(id)).failure?.reason).toBe('transfer_not_found')
    expect(await accessOf(buyer)).toBe(false)
  })

  test('through the router: nothing at all, which it refuses', async () => {
    const buyer = await payer(world)
    const hash = await route(buyer, { amount: 0n })
    expect(await accessedIn(hash)).toEqual([])
    const { id } = await claim(buyer, hash)
    expect(await judged(id)).toMatchObject({ state: 'failed', failure: { reason: 'execution_reverted' } })
    expect(await accessOf(buyer)).toBe(false)
  })

  test('what somebody else has paid', async () => {
    const [buyer, thief] = await Promise.all([payer(world), payer(world)])
    const hash = await buyer.send(await fromMiniApp(buyer))
    const { id } = await claim(thief, hash)
    expect((await judged(id)).failure?.reason).toBe('transfer_not_found')
    expect(await accessOf(thief)).toBe(false)
    // and it is still there for whoever has paid it
    expect(await judged((await claim(buyer, hash)).id)).toMatchObject({ state: 'settled' })
  })

  test('the same again: one transfer settles one payment', async () => {
    const buyer = await payer(world)
    const hash = await buyer.send(await fromMiniApp(buyer))
    expect(await judged((await claim(buyer, hash)).id)).toMatchObject({ state: 'settled' })
    const again = await judged((await claim(buyer, hash)).id)
    expect(again.state).not.toBe('settled')
    expect(again.failure?.reason).toBe('transfer_counted_already')
  })

  test('a plain transfer to the merchant, which names no paywall', async () => {
    const buyer = await payer(world)
    const hash = await buyer.send({ to: usdc, data: transferData(merchant, price) })
    const { id } = await claim(buyer, hash)
    expect((await judged(id)).failure?.reason).toBe('transfer_not_found')
    expect(await accessOf(buyer)).toBe(false)
  })
})
