import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FaultSpec } from '../../../sandbox/crossmint/control.ts'
import { hintOf, webhook } from '../../../server/gateways/crossmint/webhook-schema.ts'
import type { Submission } from '../../../server/gateways/wallet-provider.ts'
import { readWebhookSecret, standardWebhooks } from '../../../server/gateways/webhooks/standard-webhooks.ts'
import type { Delivery } from '../../../server/gateways/webhooks/verify.ts'
import { crossmintContract } from '../../support/crossmint-contract.ts'
import { chainId, signer } from './support/answers.ts'
import { createImpatientClock } from './support/clocks.ts'
import { providerErrorOf } from './support/gateway.ts'
import { merchant, startWorld, type World } from './support/world.ts'

const contract = crossmintContract()
const secret = `whsec_${Buffer.from('a secret of 24 bytes ...').toString('base64')}`

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function payment(amount: bigint, fund = amount): Promise<Submission> {
  const wallet = await world.fundedWallet(fund)
  return { idempotencyKey: randomUUID(), wallet, chainId, calls: [world.transfer(amount)] }
}

test('a payment is made: submitted, approved, seen on the chain', async () => {
  const submission = await payment(1_500_000n)

  const submitted = await world.connect().submit(submission)
  const ended = await world.ended(submission.wallet, submitted.reference)

  expect(submitted).toMatchObject({ state: 'pending', userOperationHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) })
  expect(ended).toMatchObject({ state: 'success', failure: null, userOperationHash: submitted.userOperationHash })
  expect(ended.transactionHash).toMatch(/^0x[0-9a-f]{64}$/)
  expect(await world.balance(submission.wallet)).toBe(0n)
})

test('a batch is all or nothing, and a wallet without native coin can pay', async () => {
  const submission = await payment(5n)
  const calls = [world.transfer(2n), world.transfer(3n)]

  const { reference } = await world.connect().submit({ ...submission, calls })

  expect(await world.ended(submission.wallet, reference)).toMatchObject({ state: 'success' })
  expect(await world.balance(submission.wallet)).toBe(0n)
})

test('more than there is: refused with the revert of the token, nothing made', async () => {
  const submission = await payment(2n, 1n)

  const error = await providerErrorOf(world.connect().submit(submission))

  expect(error).toMatchObject({ outcome: 'refused', reason: 'execution_reverted' })
  expect(error.message).toMatch(/ERC20InsufficientBalance|exceeds balance/)
  expect(await world.connect().find(submission, new Date(Date.now() - 60_000))).toBeNull()
})

test('the same key again is the same transaction, by concurrent callers too', async () => {
  const submission = await payment(1n)
  const gateway = world.connect()

  const all = await Promise.all(Array.from({ length: 8 }, () => gateway.submit(submission)))
  const again = await gateway.submit(submission)

  expect(new Set([...all, again].map(({ reference }) => reference)).size).toBe(1)
  expect(await world.ended(submission.wallet, again.reference)).toMatchObject({ state: 'success' })
})

test('a transaction without a reference is found by its calls', async () => {
  const submission = await payment(3n)
  const gateway = world.connect()
  const { reference } = await gateway.submit(submission)
  const since = new Date(Date.now() - 30_000)

  expect(await gateway.find(submission, since)).toMatchObject({ reference })
  expect(await gateway.find({ ...submission, calls: [world.transfer(4n)] }, since)).toBeNull()
})

test('a wallet is made once an owner; one under another signer is refused', async () => {
  const input = { owner: 'app.once', idempotencyKey: 'one' }
  const first = await world.connect().createWallet(input)
  const second = await world.connect().createWallet({ ...input, idempotencyKey: 'two' })
  const stranger = { ...signer, address: '0x4444444444444444444444444444444444444444' } as const
  const error = await providerErrorOf(
    world.connect({ signer: stranger }).createWallet({ ...input, idempotencyKey: 'three' }),
  )

  expect(first).toEqual({ address: first.address, owner: 'app.once' })
  expect(second).toEqual(first)
  expect(error).toMatchObject({ outcome: 'refused', reason: 'signer_mismatch' })
})

test('a wrong key is our fault, not the payment’s', async () => {
  const submission = await payment(1n)

  expect(await providerErrorOf(world.connect({ apiKey: 'sk_staging_other' }).submit(submission))).toMatchObject({
    outcome: 'unavailable',
    reason: 'credentials_refused',
  })
})

test('every operation, and all of it as the OpenAPI file has it', async () => {
  const since = (await world.control.journal()).at(-1)?.seq ?? 0
  const { client } = world.connect()
  const wallet = await world.fundedWallet(10_000_000n)
  const locator = `external-wallet:${signer.address}`
  const chain = 'avalanche-fuji'
  const approved = async (message: string) => [
    { signer: locator, signature: await signer.signMessage({ raw: message as Hex }) },
  ]

  await client.getWallet(wallet)
  const [balance] = await client.getBalances(wallet, { tokens: ['usdc'], chains: [chain] })
  expect(balance).toMatchObject({ rawAmount: 10_000_000n, decimals: 6 })

  const calls = [{ ...world.transfer(1n), value: '0' }]
  const created = await client.createTransaction(wallet, { calls, chain, signer: locator }, { idempotencyKey: 'all-1' })
  await client.approveTransaction(wallet, created.id, await approved(created.approvals!.pending[0]!.message))
  await world.ended(wallet, created.id)

  const token = `${chain}:${world.usdc}`
  const transfer = await client.transferToken(
    wallet,
    token,
    { recipient: merchant, amount: '2.5', signer: locator },
    { idempotencyKey: 'all-2' },
  )
  await client.approveTransaction(wallet, transfer.id, await approved(transfer.approvals!.pending[0]!.message))
  await world.ended(wallet, transfer.id)
  expect(await client.getTransfer(wallet, token, transfer.id)).toMatchObject({ id: transfer.id, status: 'success' })
  const { transactions } = await client.listTransactions(wallet, { page: 1, perPage: 10, dateFrom: new Date(0) })
  expect(transactions.map(({ id }) => id).sort()).toEqual([created.id, transfer.id].sort())
  const query = { chain, tokens: ['usdc'], status: 'successful' } as const
  await expect
    .poll(async () => (await client.listTransfers(wallet, { ...query, limit: 10, sort: 'desc' })).data.length)
    .toBeGreaterThan(1)

  const message = await client.createSignature(
    wallet,
    { type: 'message', params: { message: 'hello', chain, signer: locator } },
    { idempotencyKey: 'all-3' },
  )
  await client.approveSignature(wallet, message.id, await approved(message.approvals!.pending[0]!.message))
  await expect.poll(async () => (await client.getSignature(wallet, message.id)).outputSignature).toMatch(/^0x/)

  const typedData = {
    domain: { name: 'Order', version: '1', chainId, verifyingContract: world.usdc },
    types: { Order: [{ name: 'id', type: 'uint256' }] },
    primaryType: 'Order',
    message: { id: '90071992547409931' },
  }
  const typed = await client.createSignature(
    wallet,
    { type: 'typed-data', params: { typedData, chain, signer: locator, isSmartWalletSignature: true } },
    { idempotencyKey: 'all-4' },
  )
  await client.approveSignature(wallet, typed.id, await approved(typed.approvals!.pending[0]!.message))

  // refusals have shapes of their own
  await providerErrorOf(client.getWallet(merchant))
  await providerErrorOf(client.getTransaction(wallet, randomUUID()))
  await providerErrorOf(client.createTransaction(wallet, { calls, chain: 'moon' }, { idempotencyKey: 'all-5' }))
  await providerErrorOf(
    client.approveTransaction(wallet, created.id, await approved(created.approvals!.pending[0]!.message)),
  )
  const tooMuch = [{ ...world.transfer(10n ** 18n), value: '0' }]
  await providerErrorOf(client.createTransaction(wallet, { calls: tooMuch, chain }, { idempotencyKey: 'all-6' }))

  const exchanges = await world.control.journal({ type: 'exchange', since })
  const operations = new Set(exchanges.map(({ endpoint }) => endpoint))
  expect(operations.size).toBe(Object.keys(client).length)
  const statuses = new Set(exchanges.map(({ status }) => status))
  expect([...statuses].sort()).toEqual([200, 201, 400, 404, 422])
  if (!contract) return
  expect(exchanges.flatMap((exchange) => contract.validateExchange(exchange))).toEqual([])
})

describe('with a Crossmint that misbehaves, one payment is made and no second', () => {
  const faults: FaultSpec[] = [
    { mode: 'F1', variant: 'drop' },
    { mode: 'F1', variant: '500', count: 2 },
    { mode: 'F1', variant: 'html-502' },
    { mode: 'F1', variant: 'no-id' },
    { mode: 'F1', variant: 'timeout' },
    { mode: 'F2', variant: 'drop', count: 2 },
    { mode: 'F2', variant: 'html-502' },
    { mode: 'F3', variant: '500' },
    { mode: 'F3', variant: 'drop' },
    { mode: 'F3', variant: 'timeout' },
    { mode: 'F4', variant: '409' },
    { mode: 'F4', variant: '422' },
    { mode: 'F4', variant: '409-not-done' },
    { mode: 'F4', variant: '422-not-done' },
    { mode: 'F10', variant: 'burst' },
    { mode: 'F10', variant: 'retry-after' },
    { mode: 'F13', variant: 'numeric-times', count: 9 },
    { mode: 'F13', variant: 'extra-fields', count: 9 },
    { mode: 'F13', variant: 'null-tx-id', count: 9 },
    { mode: 'F14', variant: 'immediate' },
  ]
  test.each(faults)('$mode $variant', async (fault) => {
    const submission = await payment(7n, 20n)
    const { id } = await world.control.inject(fault)

    const gateway = world.connect({ timeout: 500, clock: createImpatientClock() })
    const { reference } = await gateway.submit(submission)
    const ended = await world.ended(submission.wallet, reference)

    const happened = (await world.control.faults()).find((one) => one.id === id)
    await world.control.clear()
    expect(happened!.fired).toBeGreaterThan(0)
    expect(ended.state).toBe('success')
    expect(await world.balance(submission.wallet)).toBe(13n)
    const { transactions } = await gateway.client.listTransactions(submission.wallet, { page: 1, perPage: 10 })
    expect(transactions).toHaveLength(1)
  })

  test('F5: an approval that was not counted is given again by the next submission', async () => {
    const submission = await payment(7n, 20n)
    await world.control.inject({ mode: 'F5', variant: 'ignored' })
    const gateway = world.connect()

    const stuck = await gateway.submit(submission)
    const again = await gateway.submit(submission)

    expect(stuck.state).toBe('awaiting-approval')
    expect(again).toMatchObject({ state: 'pending', reference: stuck.reference })
    expect(await world.ended(submission.wallet, again.reference)).toMatchObject({ state: 'success' })
    expect(await world.balance(submission.wallet)).toBe(13n)
  })

  test.each(['build_failed', 'failed_to_land_on_chain', 'sanctioned_wallet_address'] as const)(
    'F7 %s',
    async (variant) => {
      const submission = await payment(7n, 20n)
      await world.control.inject({ mode: 'F7', variant })

      const { reference } = await world.connect().submit(submission)

      expect(await world.ended(submission.wallet, reference)).toMatchObject({
        state: 'failed',
        failure: { reason: variant },
      })
      expect(await world.balance(submission.wallet)).toBe(20n)
    },
  )
})

test('its webhooks verify, and their hint leads to the transaction', async () => {
  const received: Delivery[] = []
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({ headers: request.headersDistinct, body: Buffer.concat(chunks) })
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  await world.control.setWebhook({ url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`, secret })
  const submission = await payment(1_000_000n)
  const gateway = world.connect()
  const { reference } = await gateway.submit(submission)
  const ended = await world.ended(submission.wallet, reference)

  const hints = () => received.map(({ body }) => hintOf(webhook.parse(JSON.parse(body.toString())), gateway.chains))
  await expect
    .poll(() => hints().find((hint) => hint?.transferId === reference), { timeout: 10_000 })
    .toMatchObject({
      direction: 'out',
      chainId,
      transactionHash: ended.transactionHash,
      sender: submission.wallet,
      recipient: merchant,
    })
  for (const delivery of received) {
    const verdictOf = (key: Buffer) => standardWebhooks([key], 'svix')(delivery, Date.now())
    expect(verdictOf(readWebhookSecret(secret))).toMatchObject({ ok: true })
    expect(verdictOf(Buffer.alloc(24))).toEqual({ ok: false, reason: 'bad_signature' })
  }
  await world.control.setWebhook(null)
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

test.skipIf(!contract)('nothing above strayed from the OpenAPI file but where it was made to', async () => {
  const exchanges = await world.control.journal({ type: 'exchange' })
  const plain = exchanges.filter(({ faults }) => faults.length === 0)

  expect(plain.length).toBeGreaterThan(100)
  expect(plain.flatMap((exchange) => contract!.validateExchange(exchange))).toEqual([])
  // whatever the answer, each request of ours is as it should be
  const requests = exchanges.map((exchange) => ({ ...exchange, status: null }))
  expect(requests.flatMap((exchange) => contract!.validateExchange(exchange))).toEqual([])
})
