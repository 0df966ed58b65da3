import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import {
  eventually,
  fuji,
  fundedWallet,
  payee,
  type Received,
  secret,
  testChain,
  testCrossmint,
  transfer,
  usdc,
  webhookReceiver,
} from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

/** The signatures of a delivery that a secret explains. */
function goodSignatures({ headers, text }: Received, by = secret): number {
  const key = Buffer.from(by.slice('whsec_'.length), 'base64')
  const signed = `${headers['svix-id']}.${headers['svix-timestamp']}.${text}`
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['svix-signature'])
    .split(' ')
    .filter((each) => each === expected).length
}

const outgoing = ({ body }: Received) => body.type === 'wallets.transfer.out'
const ofTransaction = (id: string) => (received: Received) => received.body.data.transferId === id && outgoing(received)

/** A simulator that sends to a receiver, hours shortened to tenths of a second, and a wallet that has been funded. */
async function hookedWorld(answer?: (received: Received, count: number) => number) {
  const receiver = await webhookReceiver(answer)
  const world = await testCrossmint(chain.url, { webhook: { url: receiver.url, secret }, webhookTimeScale: 0.000_01 })
  const wallet = await fundedWallet(world)
  const received = (count: number, which: (one: Received) => boolean) =>
    eventually(() => {
      const found = receiver.received.filter(which)
      return found.length >= count ? found : null
    })
  return {
    ...world,
    receiver,
    wallet,
    received,
    [Symbol.asyncDispose]: async () => {
      await world.stop()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

test('a payment tells both wallets, signed, with ids that are theirs for good', async () => {
  await using world = await hookedWorld()
  const to = await fundedWallet(world, 0n)
  const id = await world.wallet.pay(1_500_000n, to.address)
  const both = await world.received(2, ({ body }) => body.data.transferId === id)

  const types = both.map(({ body }) => body.type).sort()
  expect(types).toEqual(['wallets.transfer.in', 'wallets.transfer.out'])
  for (const one of both) {
    expect(goodSignatures(one)).toBe(1)
    expect(one.body.data).toMatchObject({
      sender: { address: world.wallet.address },
      recipient: { address: to.address },
      token: { type: 'fungible', chain: fuji, contractAddress: usdc, decimals: 6, amount: '1.5', rawAmount: '1500000' },
      status: 'succeeded',
      onChain: { txId: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    })
  }
  expect(new Set(both.map(({ headers }) => headers['svix-id'])).size).toBe(2)
})

test('a deposit from outside is told without a transfer id', async () => {
  await using world = await hookedWorld()
  const [deposit] = await world.received(1, ({ body }) => body.type === 'wallets.transfer.in')
  expect(deposit!.body.data.recipient.address).toBe(world.wallet.address)
  expect(deposit!.body.data).not.toHaveProperty('transferId')
})

test('a failed transaction is told as a failed transfer', async () => {
  await using world = await hookedWorld()
  await world.control.inject({ mode: 'F7', variant: 'build_failed' })
  const id = await world.wallet.pay(1n)
  const [failed] = await world.received(1, ofTransaction(id))
  expect(failed!.body.data).toMatchObject({ status: 'failed', error: { reason: 'build_failed' } })
  expect(failed!.body.data).not.toHaveProperty('onChain')
})

test('what is not answered by 2xx comes again with the same id, at most eight times', async () => {
  await using world = await hookedWorld((received) => (outgoing(received) ? 500 : 200))
  const id = await world.wallet.pay(1n)
  const attempts = await world.received(8, ofTransaction(id))
  expect(new Set(attempts.map(({ headers }) => headers['svix-id'])).size).toBe(1)
  const [message] = await eventually(async () => {
    const given = (await world.control.webhooks()).filter(({ state }) => state === 'failed')
    return given.length > 0 ? given : null
  })
  expect(message!.attempts).toBe(8)
  await world.control.resend(message!.id)
  await world.received(9, ofTransaction(id))
})

test('a delivery that succeeds at last is not repeated', async () => {
  let refused = 0
  await using world = await hookedWorld((received) => (outgoing(received) && ++refused <= 2 ? 503 : 200))
  const id = await world.wallet.pay(1n)
  await world.received(3, ofTransaction(id))
  await eventually(async () => (await world.control.webhooks()).every(({ state }) => state === 'delivered'))
  const deliveries = await world.control.journal({ type: 'webhook' })
  expect(deliveries.filter(({ event }) => event === 'wallets.transfer.out').map(({ status }) => status)).toEqual([
    503, 503, 200,
  ])
})

test('during a rotation of secrets a delivery is signed with each', async () => {
  await using world = await hookedWorld()
  const next = `whsec_${Buffer.from('the next secret').toString('base64')}`
  await world.control.setWebhook({ url: world.receiver.url, secret: [secret, next] })
  const [one] = await world.received(1, ofTransaction(await world.wallet.pay(1n)))
  expect(String(one!.headers['svix-signature']).split(' ')).toHaveLength(2)
  expect([goodSignatures(one!), goodSignatures(one!, next)]).toEqual([1, 1])
})

test('the history tells the same transfers, to oneself twice', async () => {
  await using world = await hookedWorld()
  const id = await world.wallet.pay(2n, world.wallet.address)
  await world.received(1, ofTransaction(id))
  const history = async (query: string) =>
    (await world.api.call('GET', `/unstable/wallets/${world.wallet.address}/transfers?${query}`)).body
  const { data } = await eventually(async () => {
    const page = await history(`chain=${fuji}&tokens=usdc&status=successful`)
    return page.data.length === 3 ? page : null
  })
  expect(data.filter((each: { transferId?: string }) => each.transferId === id)).toHaveLength(2)
  const first = await history(`chain=${fuji}&tokens=usdc&status=successful&limit=2&sort=asc`)
  expect(first.data).toHaveLength(2)
  const rest = await history(`chain=${fuji}&tokens=usdc&status=successful&limit=2&sort=asc&cursor=${first.nextCursor}`)
  expect(rest.data).toHaveLength(1)
  expect((await history(`chain=${fuji}&tokens=usdc`)).message).toContain('status')
})

test('a duplicate comes twice with one id', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  await world.control.inject({ mode: 'webhook', variant: 'duplicate', match: { includes: 'transfer.out' } })
  const [one, two] = await world.received(2, ofTransaction(await world.wallet.pay(1n)))
  expect(one!.headers['svix-id']).toBe(two!.headers['svix-id'])
  await faultHappened(world, 'duplicate')
})

test('a reordered delivery comes after a later one', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  await world.control.inject({ mode: 'webhook', variant: 'reorder', match: { includes: 'transfer.out' } })
  const first = await world.wallet.pay(1n)
  await world.wallet.ended(first)
  const second = await world.wallet.pay(1n)
  const order = (await world.received(2, outgoing)).map(({ body }) => body.data.transferId)
  expect(order).toEqual([second, first])
  await faultHappened(world, 'reorder')
})

test('a delayed delivery comes after the transaction is seen to be done', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  await world.control.inject({ mode: 'webhook', variant: 'delay', delay: 300, match: { includes: 'transfer.out' } })
  const id = await world.wallet.pay(1n)
  await world.wallet.ended(id)
  expect(world.receiver.received.filter(ofTransaction(id))).toEqual([])
  await world.received(1, ofTransaction(id))
  await faultHappened(world, 'delay')
})

test('an old timestamp and a wrong signature are sent as such', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  await world.control.inject({ mode: 'webhook', variant: 'old-timestamp' })
  const [old] = await world.received(1, ofTransaction(await world.wallet.pay(1n)))
  expect(Date.now() / 1000 - Number(old!.headers['svix-timestamp'])).toBeGreaterThan(300)
  expect(goodSignatures(old!)).toBe(1)

  await world.control.inject({ mode: 'webhook', variant: 'wrong-signature' })
  const [wrong] = await world.received(1, ofTransaction(await world.wallet.pay(1n)))
  expect(goodSignatures(wrong!)).toBe(0)
  await faultHappened(world, 'old-timestamp')
  await faultHappened(world, 'wrong-signature')
})

test('a lost delivery never comes', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  await world.control.inject({ mode: 'webhook', variant: 'loss', match: { includes: 'transfer.out' } })
  const lost = await world.wallet.pay(1n)
  await world.wallet.ended(lost)
  await world.received(1, ofTransaction(await world.wallet.pay(1n)))
  expect(world.receiver.received.filter(ofTransaction(lost))).toEqual([])
  expect((await world.control.webhooks()).filter(({ state }) => state === 'lost')).toHaveLength(1)
  await faultHappened(world, 'loss')
})

test('calls that move no token, and native value, tell nothing', async () => {
  await using world = await hookedWorld()
  await world.received(1, () => true)
  const { address, owner } = world.wallet
  const { body } = await world.api.transact(address, [{ to: payee, value: '0', data: '0x' }])
  await world.api.approve(address, body.id, owner, body.onChain.userOperationHash)
  await world.wallet.ended(body.id)
  await world.received(1, ofTransaction(await world.wallet.pay(1n)))
  expect(world.receiver.received.filter(({ body: event }) => event.data.transferId === body.id)).toEqual([])
  expect(transfer(1n).to).toBe(usdc)
})

async function faultHappened(world: Awaited<ReturnType<typeof hookedWorld>>, variant: string) {
  const faults = await world.control.journal({ type: 'fault' })
  expect(faults.filter((fault) => fault.mode === 'webhook' && fault.variant === variant)).toHaveLength(1)
}
