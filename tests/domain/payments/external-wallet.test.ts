import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import {
  type Address,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hash,
  type Hex,
  keccak256,
  toHex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atomically } from '../../../db/transaction.ts'
import { entryPointAddress, mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { reorganize } from '../../../sandbox/chain/disturb-chain.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { smartAccountAbi } from '../../../sandbox/contracts/abi.ts'
import type { AcceptedPayment, Payment, Paywall } from '../../../server/contract/entities.ts'
import { paywallHash, withPaywall } from '../../../server/domain/payments/names-in-calldata.ts'
import { withReference } from '../../../server/domain/transactions/calls.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import { type Chain, ChainUnavailable } from '../../../server/gateways/chain/chain.ts'
import type { Services } from '../../../server/services.ts'
import { eventually } from '../../support/eventually.ts'
import { type Payer, payer, transferData } from '../../support/payer.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { deployWallet } from '../../support/smart-wallets.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

let world: World
let url: string
/** Milliseconds that the service's clock is ahead. */
let ahead = 0

const MINUTE = 60_000
/** How long a payer may take to ask for the calls, and again to sign; how long a report is followed. */
const [SIGNING, DEADLINE] = [15 * MINUTE, 10 * MINUTE]

beforeAll(async () => {
  world = await testWorld({
    workers: false,
    environment: { SIGNING_MS: String(SIGNING), DEADLINE_MS: String(DEADLINE), DISBELIEF_MS: String(MINUTE) },
    clock: { now: () => new Date(Date.now() + ahead) },
  })
  url = world.chain.url
})
afterAll(() => world[Symbol.asyncDispose]())

test('what a payer signs in a wallet of their own settles, and every step is in the trail', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const { client } = buyer

  const quote = await client.payments.quote.query({ paywallId: paywall.id, walletId: buyer.wallet.id })
  expect(quote).toMatchObject({ payer: buyer.address, payable: true, outcome: 'allow' })
  const payment = await buyer.accept(paywall)
  expect(payment).toMatchObject({ state: 'accepted', payer: buyer.address, replayed: false })

  const calls = await client.payments.calls.mutate({ paymentId: payment.id })
  expect(calls).toEqual({
    paymentId: payment.id,
    chain: payment.chain,
    from: buyer.address,
    calls: [
      {
        to: world.contracts.usdc,
        value: 0n,
        data: withReference(transferData(paywall.recipient, paywall.price), payment.transactionId),
      },
    ],
    expiresAt: expect.any(Date),
  })
  const hash = await buyer.send(calls)
  expect(await report(buyer, payment, hash)).toMatchObject({ state: 'submitted', transactionHash: hash })
  await look(payment)

  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash, failure: null })
  expect(await granted(buyer, paywall)).toBe(true)
  expect(await told(payment)).toEqual([
    'payment.accepted',
    'payment.submitted',
    'transaction.submitted',
    'payment.settled',
  ])
  const { items } = await world.client.audit.trail.query({ objectId: payment.id })
  expect(items.map(({ body }) => JSON.parse(body).actor)).toEqual([
    ...Array(3).fill(`user:${buyer.person.userId}`),
    'system:tracker',
  ])
})

test('only whoever has proven the wallet pays from it, asks for the calls and reports', async () => {
  const [buyer, other, paywall] = await Promise.all([payer(world), payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const hash: Hash = `0x${'11'.repeat(32)}`
  const foreign = { paywallId: paywall.id, walletId: buyer.wallet.id, idempotencyKey: randomUUID() }

  for (const { client } of [other, world]) {
    await expectCode(client.payments.create.mutate(foreign), 'NOT_FOUND')
    await expectCode(client.payments.quote.query(foreign), 'NOT_FOUND')
  }
  await expectCode(other.client.payments.calls.mutate({ paymentId: payment.id }), 'NOT_FOUND')
  await expectCode(other.client.payments.submitted.mutate({ paymentId: payment.id, hash }), 'NOT_FOUND')
  await expectCode(world.client.payments.calls.mutate({ paymentId: payment.id }), 'FORBIDDEN')
  await expectCode(world.client.payments.submitted.mutate({ paymentId: payment.id, hash }), 'FORBIDDEN')
  expect(await told(payment)).toEqual(['payment.accepted'])
})

test('what a provider signs has no calls, and takes no hash', async () => {
  const buyer = await payer(world)
  const custodial = await buyer.client.wallets.open.mutate()
  await mintUsdc(url, { to: custodial.address, amount: USDC })
  const payment = await buyer.accept(await world.paywall(), custodial)

  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  await expectCode(report(buyer, payment, `0x${'11'.repeat(32)}`), 'NOT_SIGNABLE')
})

test('who is on a deny list by the time they ask for the calls gets none, and the payment is refused', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const [first, second, third] = [await buyer.accept(paywall), await buyer.accept(paywall), await buyer.accept(paywall)]
  const handedOut = await calls(buyer, second)
  await deny(buyer.address)

  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')
  await expectCode(calls(buyer, first), 'REFUSED_BY_COMPLIANCE')
  expect(await get(first)).toMatchObject({ state: 'refused', failure: { reason: 'ADDRESS_ON_DENY_LIST' } })
  expect((await get(first)).failure!.refusal).not.toBeNull()
  const unasked = await buyer.send({ to: world.contracts.usdc, data: named(third, paywall) })
  await expectCode(report(buyer, third, unasked), 'REFUSED_BY_COMPLIANCE')
  expect(await get(third)).toMatchObject({ state: 'refused' })

  // the second may be signed already: nothing more is handed out, and the chain decides
  await expectCode(calls(buyer, second), 'REFUSED_BY_COMPLIANCE')
  expect(await get(second)).toMatchObject({ state: 'submitted', failure: null })
  await report(buyer, second, await buyer.send(handedOut))
  await look(second)
  expect(await get(second)).toMatchObject({ state: 'settled' })
})

test('a payment that an officer must see has no calls until they have let it pass', async () => {
  await publish(world, { rule: 'threshold', assetId: world.assetId, above: 50n * USDC, otherwise: 'review' })
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall({ price: 60n * USDC })])
  const payment = await buyer.accept(paywall)
  expect(payment.state).toBe('held')
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  await expectCode(report(buyer, payment, `0x${'11'.repeat(32)}`), 'NOT_SIGNABLE')

  const { items } = await world.client.reviews.list.query({ state: 'open' })
  const { id: reviewId } = items.find(({ paymentId }) => paymentId === payment.id)!
  const officer = await officerOf(world)
  await officer.mutate('reviews.decide', { reviewId, verdict: 'approved', note: 'seen the invoice' })
  // they may have slept over it
  ahead += 20 * MINUTE
  await look(payment)
  await report(buyer, payment, await buyer.send(await calls(buyer, payment)))
  await look(payment)

  expect(await get(payment)).toMatchObject({ state: 'settled' })
})

test('asked for twice or at the same time, the calls are the same, and are handed out once; then it is not cancellable', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const [payment, cancelled] = [await buyer.accept(paywall), await buyer.accept(paywall)]
  const all = await Promise.all(Array.from({ length: 5 }, () => calls(buyer, payment)))
  all.push(await calls(buyer, payment))

  expect(
    new Set(all.map((one) => JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))).size,
  ).toBe(1)
  expect(await told(payment)).toEqual(['payment.accepted', 'payment.submitted'])
  await expectCode(buyer.client.payments.cancel.mutate({ paymentId: payment.id }), 'NOT_CANCELLABLE')

  expect(await buyer.client.payments.cancel.mutate({ paymentId: cancelled.id })).toMatchObject({ state: 'cancelled' })
  await expectCode(calls(buyer, cancelled), 'NOT_SIGNABLE')
  await expectCode(report(buyer, cancelled, `0x${'11'.repeat(32)}`), 'NOT_SIGNABLE')
})

test('who has signed, and asks for the calls again, is not let sign twice', async () => {
  const [buyer, paywall] = await Promise.all([payer(world, { amount: USDC }), world.paywall({ price: USDC })])
  const payment = await buyer.accept(paywall)
  const hash = await buyer.send(await calls(buyer, payment))
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  expect(await get(payment)).toMatchObject({ state: 'submitted', transactionHash: hash })
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
})

test('nobody is let sign what their wallet cannot pay; once it is funded, the same payment goes on', async () => {
  const [buyer, paywall] = await Promise.all([payer(world, { amount: USDC - 1n }), world.paywall()])
  const payment = await buyer.accept(paywall)
  expect(await buyer.client.payments.quote.query({ paywallId: paywall.id, walletId: buyer.wallet.id })).toMatchObject({
    payable: false,
  })
  await expectCode(calls(buyer, payment), 'INSUFFICIENT_BALANCE')
  expect(await get(payment)).toMatchObject({ state: 'accepted' })

  await mintUsdc(url, { to: buyer.address, amount: 1n })
  await report(buyer, payment, await buyer.send(await calls(buyer, payment)))
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled' })
})

test('a chain transaction that is something else is forgotten, whatever it is, and the right one settles', async () => {
  const [buyer, other, paywall] = await Promise.all([payer(world), payer(world), world.paywall()])
  const [payment, another] = [await buyer.accept(paywall), await buyer.accept(await world.paywall())]
  const handedOut = await calls(buyer, payment)
  const { usdc } = world.contracts
  const [token, right] = [await forger(), named(payment, paywall)]
  const stranger: Address = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'
  const wrong: Record<string, Promise<Hash>> = {
    less: buyer.send({ to: usdc, data: named(payment, paywall, { amount: USDC - 1n }) }),
    more: buyer.send({ to: usdc, data: named(payment, paywall, { amount: USDC + 1n }) }, { nonce: 1 }),
    'another recipient': buyer.send({ to: usdc, data: named(payment, paywall, { to: stranger }) }, { nonce: 2 }),
    'naming nothing': buyer.send({ to: usdc, data: transferData(paywall.recipient, USDC) }, { nonce: 3 }),
    'naming another': buyer.send({ to: usdc, data: named(another, paywall) }, { nonce: 4 }),
    'another token': buyer.send({ to: token, data: forged(buyer, paywall, payment) }, { nonce: 5 }),
    'another payer': other.send({ to: usdc, data: right }),
    'nothing at all': other.send({ to: stranger, data: '0x' }, { nonce: 1 }),
  }
  const hashes = Object.fromEntries(
    await Promise.all(Object.entries(wrong).map(async ([name, hash]) => [name, await hash] as const)),
  )

  for (const [name, hash] of Object.entries(hashes)) {
    expect(await report(buyer, payment, hash), name).toMatchObject({ state: 'submitted', transactionHash: hash })
    await look(payment)
    expect(await get(payment), name).toMatchObject({
      state: 'submitted',
      transactionHash: null,
      failure: { reason: 'transfer_not_found' },
    })
  }
  expect(await granted(buyer, paywall)).toBe(false)
  expect(await told(payment)).toEqual([
    'payment.accepted',
    'payment.submitted',
    ...Object.keys(hashes).flatMap(() => ['transaction.submitted', 'transaction.dismissed']),
  ])

  // and the calls are handed out again, as they were
  expect(await calls(buyer, payment)).toEqual(handedOut)
  await report(buyer, payment, await buyer.send(handedOut))
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled', failure: null })
})

test('a transfer that names the paywall pays it: after its arguments, or hashed within them, made before or after', async () => {
  const { usdc } = world.contracts
  const [buyer, first, second] = await Promise.all([
    payer(world, { amount: 2n * USDC }),
    world.paywall(),
    world.paywall(),
  ])
  const data = transferData(first.recipient, USDC)
  const [early, hashed] = [
    await buyer.send({ to: usdc, data: withPaywall(data, first.id) }),
    await buyer.send({ to: usdc, data: concat([data, paywallHash(second.id)]) }),
  ]
  expect(paywallHash(second.id)).toBe(keccak256(toHex(second.id)))

  // their wallet is empty by now
  const [one, two] = [await buyer.accept(first), await buyer.accept(second)]
  await report(buyer, one, hashed)
  await look(one)
  expect(await get(one)).toMatchObject({ state: 'submitted', failure: { reason: 'transfer_not_found' } })
  for (const [payment, hash] of [
    [one, early],
    [two, hashed],
  ] as const) {
    await report(buyer, payment, hash.toUpperCase().replace('0X', '0x') as Hash)
    await look(payment)
    expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
  }
})

test('one chain transaction for two payments settles as many as it has transfers, however they are reported', async () => {
  const { usdc } = world.contracts
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const hash = await buyer.send({ to: usdc, data: withPaywall(transferData(paywall.recipient, USDC), paywall.id) })
  const payments = [await buyer.accept(paywall), await buyer.accept(paywall), await buyer.accept(paywall)]
  await Promise.all(payments.map((payment) => report(buyer, payment, hash)))
  await Promise.all(payments.map((payment) => look(payment)))
  await Promise.all(payments.map((payment) => look(payment)))

  const ended = await Promise.all(payments.map(get))
  expect(ended.map(({ state }) => state).sort()).toEqual(['settled', 'submitted', 'submitted'])
  for (const { state, failure } of ended)
    if (state === 'submitted') expect(failure).toMatchObject({ reason: 'transfer_counted_already' })
  expect(world.log.filter(({ alert }) => alert)).toEqual([])
})

test('a wallet that is a contract pays two payments in one transaction, each named within its nested calls', async () => {
  const { usdc } = world.contracts
  const smart = await deployWallet(url, world.contracts, generatePrivateKey())
  const account = {
    ...privateKeyToAccount(generatePrivateKey()),
    address: smart.address,
    signMessage: ({ message }: { message: unknown }) => smart.sign(message as string),
  }
  const [buyer, paywall] = await Promise.all([payer(world, { account }), world.paywall()])
  const payments = [await buyer.accept(paywall), await buyer.accept(paywall)]
  const handedOut = await Promise.all(payments.map((payment) => calls(buyer, payment)))
  const batch = handedOut.flatMap((one) => one.calls)
  const hash = await asEntryPoint(smart.address, batch)
  await Promise.all(payments.map((payment) => report(buyer, payment, hash)))
  await Promise.all(payments.map((payment) => look(payment)))
  await Promise.all(payments.map((payment) => look(payment)))

  for (const payment of payments) expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
  const logs = await Promise.all(payments.map(async ({ transactionId }) => (await rowOf(transactionId)).log_index))
  expect(new Set(logs).size).toBe(2)

  // the same without the transfers: what the wallet's call says is named, and nothing is shown
  const third = await buyer.accept(paywall)
  const { calls: own } = await calls(buyer, third)
  await report(
    buyer,
    third,
    await asEntryPoint(smart.address, [
      { to: usdc, data: concat(['0x70a08231', `0x${own[0]!.data.slice(10)}`]), value: 0n },
    ]),
  )
  await look(third)
  expect(await get(third)).toMatchObject({ state: 'submitted', failure: { reason: 'transfer_not_found' } })
})

test('what a custodial wallet has paid settles nothing else, and a log is of one payment whoever has signed it', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const custodial = await buyer.client.wallets.open.mutate()
  await mintUsdc(url, { to: custodial.address, amount: USDC })
  const [theirs, payment] = [await buyer.accept(paywall, custodial), await buyer.accept(paywall)]
  await calls(buyer, payment)
  await eventually(async () => {
    await look(theirs)
    expect(await get(theirs)).toMatchObject({ state: 'settled' })
  })

  const { transaction_hash, log_index } = await rowOf(theirs.transactionId)
  await report(buyer, payment, transaction_hash as Hash)
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'submitted', failure: { reason: 'transfer_not_found' } })
  const takeIt = world.built.services.db
    .updateTable('transaction')
    .set({ transaction_hash, log_index })
    .where('id', '=', payment.transactionId)
    .execute()
  await expect(takeIt).rejects.toMatchObject({ code: '23505', constraint: 'transaction_of_log' })
})

test('the same report again changes nothing; another than the one that has settled it is refused', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const hash = await buyer.send(await calls(buyer, payment))
  await Promise.all([report(buyer, payment, hash), report(buyer, payment, hash)])
  await report(buyer, payment, hash)
  await look(payment)
  expect(await report(buyer, payment, hash)).toMatchObject({ state: 'settled' })

  await expectCode(report(buyer, payment, `0x${'11'.repeat(32)}`), 'ALREADY_PAID')
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  expect((await told(payment)).filter((type) => type === 'transaction.submitted')).toHaveLength(1)
})

test('a wrong report after the right one does not keep it from settling', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const hash = await buyer.send(await calls(buyer, payment))
  const wrong = await buyer.send({ to: buyer.address, data: '0x' })
  await report(buyer, payment, hash)
  await report(buyer, payment, wrong)
  await looks(payment, 3)

  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
})

test('a hash that no node knows is followed until the deadline; what comes later still counts', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await report(buyer, payment, `0x${'11'.repeat(32)}`)
  await looks(payment, 5)
  expect(await get(payment)).toMatchObject({ state: 'submitted', failure: null })
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')

  ahead += DEADLINE + MINUTE
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'failed', failure: { reason: 'not_on_chain' } })

  const hash = await buyer.send(handedOut)
  await report(buyer, payment, hash)
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash, failure: null })
})

test('a hash that is told before a block carries it waits for the block, also past the deadline', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await using _ = await withoutBlocks()
  await report(buyer, payment, await buyer.send(handedOut))
  ahead += DEADLINE + MINUTE
  await looks(payment, 2)
  expect(await get(payment)).toMatchObject({ state: 'submitted' })

  await rpc(url, 'evm_mine')
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled' })
})

test('a transaction that its wallet has replaced is found by its name', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await using _ = await withoutBlocks()
  const nonce = 0
  const first = await buyer.send(handedOut, { nonce })
  await report(buyer, payment, first)
  const second = await buyer.send(handedOut, { nonce, tip: 5n })
  expect(second).not.toBe(first)
  await rpc(url, 'evm_mine')
  await looks(payment, 4)

  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: second })
})

test('what is signed and never told is found by its name, without a question to the chain at every look', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  const { next_attempt_at: first } = await rowOf(payment.transactionId)
  expect(first!.getTime() - Date.now() - ahead).toBeGreaterThan(world.built.services.patience.look.first)
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'submitted', transactionHash: null })

  const hash = await buyer.send(handedOut)
  // whoever takes the work over after a crash knows no more than the database
  const { services } = world.instance()
  await looks(payment, 2, services)
  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
})

test('a search of a node that is behind steps over nothing', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const { services } = world.built
  const behind = (change: Partial<Chain>): Services => {
    const all = services.chains.all().map((chain) => ({ ...chain, ...change }))
    return { ...services, chains: { get: () => all[0], all: () => all } }
  }
  const [unseen, unread] = [await buyer.accept(paywall), await buyer.accept(paywall)]
  const hashes = [await buyer.send(await calls(buyer, unseen)), await buyer.send(await calls(buyer, unread))]
  for (let blocks = 0; blocks < 5; blocks++) await rpc(url, 'evm_mine')

  await look(unseen, behind({ transfers: async () => [] }))
  await expect(look(unread, behind({ receipt: async () => null }))).rejects.toThrow(ChainUnavailable)
  for (const [index, payment] of [unseen, unread].entries()) {
    await looks(payment, 2)
    expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hashes[index] })
  }
})

test('what was never signed ends as not signed; signed after that, it is found at the last look', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const [payment, abandoned] = [await buyer.accept(paywall), await buyer.accept(paywall)]
  const handedOut = await calls(buyer, payment)
  await calls(buyer, abandoned)
  expect(handedOut.expiresAt.getTime() - Date.now() - ahead).toBeGreaterThan(SIGNING - MINUTE)
  ahead += SIGNING + MINUTE / 2
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'submitted' })
  ahead += MINUTE
  for (const one of [payment, abandoned]) {
    await look(one)
    expect(await get(one)).toMatchObject({ state: 'failed', failure: { reason: 'not_signed' } })
  }

  const hash = await buyer.send(handedOut)
  ahead += DEADLINE
  await look(abandoned)
  expect((await rowOf(abandoned.transactionId)).next_attempt_at).toBeNull()
  await looks(payment, 2)
  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: hash })
  expect(await get(abandoned)).toMatchObject({ state: 'failed' })
})

test('what nobody asks to sign expires, with nothing handed out', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  ahead += SIGNING - MINUTE
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'accepted' })
  ahead += MINUTE
  await look(payment)

  expect(await get(payment)).toMatchObject({ state: 'expired', failure: { reason: 'not_signed' } })
  await expectCode(calls(buyer, payment), 'NOT_SIGNABLE')
  await expectCode(report(buyer, payment, `0x${'11'.repeat(32)}`), 'NOT_SIGNABLE')
})

test('what the chain reverts has failed, and says so at once; signed again, it settles', async () => {
  const [buyer, paywall] = await Promise.all([payer(world, { amount: USDC }), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await buyer.send({ to: world.contracts.usdc, data: transferData(paywall.recipient, 1n) })
  const reverted = await buyer.send(handedOut)
  await report(buyer, payment, reverted)
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'failed', failure: { reason: 'execution_reverted' } })
  expect(await report(buyer, payment, reverted)).toMatchObject({ state: 'failed' })

  await mintUsdc(url, { to: buyer.address, amount: 1n })
  await report(buyer, payment, await buyer.send(handedOut))
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'settled', failure: null })
})

test('a transfer that the chain drops takes its access with it; signed again, it settles by its new block', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await report(buyer, payment, await buyer.send(handedOut))
  await look(payment)
  expect(await granted(buyer, paywall)).toBe(true)

  await reorganize(url, 1)
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'attention', failure: { reason: 'dropped_by_chain' } })
  expect(await granted(buyer, paywall)).toBe(false)

  const again = await buyer.send(handedOut, { tip: 7n })
  await looks(payment, 5)
  expect(await get(payment)).toMatchObject({ state: 'settled', transactionHash: again })
  expect(await granted(buyer, paywall)).toBe(true)
})

const STORIES = process.env.SOAK ? 100 : 3

test(`${STORIES} stories: whatever is sent and reported in whatever order, each payment settles at most once, only by its own transfer, and then for sure`, {
  timeout: 300_000,
}, async () => {
  const index = fc.nat({ max: 1 })
  const kind = fc.constantFrom('own', 'paywall', 'less', 'unnamed', 'unknown')
  const step = fc.oneof(
    fc.record({ does: fc.constant('send' as const), which: index, kind }),
    // what was sent before, by anybody for anything: the payer reports it for either payment
    fc.record({ does: fc.constant('report' as const), which: index, sent: fc.nat({ max: 20 }) }),
    fc.record({ does: fc.constant('look' as const), which: index, times: fc.integer({ min: 1, max: 2 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const [buyer, ...paywalls] = await Promise.all([payer(world), world.paywall(), world.paywall()])
      const payments = [await buyer.accept(paywalls[0]!), await buyer.accept(paywalls[1]!)]
      for (const payment of payments) await calls(buyer, payment)
      const sent: { hash: Hash; pays: AcceptedPayment | null; isOwn: boolean }[] = []
      const dataOf = (which: number, what: string): Hex => {
        const [payment, paywall] = [payments[which]!, paywalls[which]!]
        const plain = transferData(paywall.recipient, USDC)
        if (what === 'own') return named(payment, paywall)
        if (what === 'paywall') return withPaywall(plain, paywall.id)
        return what === 'less' ? named(payment, paywall, { amount: 1n }) : plain
      }

      for (const one of [...steps, { does: 'send', which: 0, kind: 'own' } as const]) {
        const payment = payments[one.which]!
        if (one.does === 'send') {
          const isKnown = one.kind !== 'unknown'
          const data = dataOf(one.which, one.kind)
          const hash = isKnown ? await buyer.send({ to: world.contracts.usdc, data }) : keccak256(toHex(randomUUID()))
          const isOwn = one.kind === 'own'
          sent.push({ hash, pays: isOwn || one.kind === 'paywall' ? payment : null, isOwn })
        } else if (one.does === 'report') {
          const told = sent[one.sent % Math.max(1, sent.length)]
          if (told) await report(buyer, payment, told.hash).catch((error) => expect(error.code).toBe('ALREADY_PAID'))
        } else await Promise.all(Array.from({ length: one.times }, () => look(payment)))
      }
      for (const payment of payments) await looks(payment, 8)

      const settledBy = new Set<string>()
      for (const payment of payments) {
        const { state, transactionHash } = await get(payment)
        const mine = sent.filter(({ pays }) => pays?.id === payment.id)
        if (mine.some(({ isOwn }) => isOwn)) expect(state).toBe('settled')
        if (state !== 'settled') continue
        expect(mine.map(({ hash }) => hash)).toContain(transactionHash)
        settledBy.add(transactionHash!)
        expect((await told(payment)).filter((type) => type === 'payment.settled')).toHaveLength(1)
      }
      const states = await Promise.all(payments.map(async (payment) => (await get(payment)).state))
      expect(settledBy.size).toBe(states.filter((state) => state === 'settled').length)
    }),
    { numRuns: STORIES, endOnFailure: true },
  )
})

test('what is not signed keeps its room within the limits until the chain was searched a last time, and takes no report after that', async () => {
  const limit = { rule: 'limit', per: 'wallet', assetId: world.assetId, windowSeconds: 86_400, count: 2 } as const
  await publish(world, { ...limit, sum: 3n * USDC, otherwise: 'deny' })
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const [unasked, unsigned] = [await buyer.accept(paywall), await buyer.accept(paywall)]
  const handedOut = await calls(buyer, unsigned)
  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')

  ahead += SIGNING + 2 * MINUTE
  await look(unasked)
  const second = await buyer.accept(paywall)
  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')
  await look(unsigned)
  expect(await get(unsigned)).toMatchObject({ state: 'failed', failure: { reason: 'not_signed' } })
  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')
  ahead += DEADLINE + MINUTE
  await looks(unsigned, 2)
  const third = await buyer.accept(paywall)
  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')

  const late = await buyer.send(handedOut)
  await expectCode(report(buyer, unsigned, late), 'NOT_SIGNABLE')
  expect(world.log).toContainEqual(expect.objectContaining({ paymentId: unsigned.id, hash: late, alert: true }))
  for (const { id: paymentId } of [second, third]) await buyer.client.payments.cancel.mutate({ paymentId })
  await buyer.accept(paywall)
  await buyer.accept(paywall)
  await expectCode(buyer.accept(paywall), 'REFUSED_BY_COMPLIANCE')
})

test('who is on a deny list by the time they report late is refused', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  ahead += SIGNING + 2 * MINUTE
  await look(payment)
  await deny(buyer.address)
  await expectCode(report(buyer, payment, await buyer.send(handedOut)), 'REFUSED_BY_COMPLIANCE')
  expect(await get(payment)).toMatchObject({ state: 'failed' })
})

test('what stays without a block has an end', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  const handedOut = await calls(buyer, payment)
  await using _ = await withoutBlocks()
  await report(buyer, payment, await buyer.send(handedOut))
  ahead += 25 * 60 * MINUTE
  await look(payment)
  expect(await get(payment)).toMatchObject({ state: 'failed', failure: { reason: 'not_on_chain' } })
})

test('with workers, a report is all that it takes', async () => {
  const other = world.instance()
  other.startWorkers()
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const payment = await buyer.accept(paywall)
  await report(buyer, payment, await buyer.send(await calls(buyer, payment)))
  await eventually(async () => expect(await get(payment)).toMatchObject({ state: 'settled' }))
  await other.stop()
})

const calls = ({ client }: Payer, { id: paymentId }: Payment) => client.payments.calls.mutate({ paymentId })

const report = ({ client }: Payer, { id: paymentId }: Payment, hash: Hash) =>
  client.payments.submitted.mutate({ paymentId, hash })

const get = ({ id: paymentId }: Payment): Promise<Payment> => world.client.payments.get.query({ paymentId })

const granted = async ({ client, wallet }: Payer, { id: paywallId }: Paywall) =>
  (await client.access.check.query({ paywallId, walletId: wallet.id })).granted

const deny = (address: Address) =>
  world.client.lists.add.mutate({ list: 'sanctions', address, reason: 'named by the regulator' })

const expectCode = (call: Promise<unknown>, code: string) => expect(call).rejects.toMatchObject({ code })

/** The calldata that pays a payment, or with other values. */
const named = (
  { transactionId }: AcceptedPayment,
  { recipient, price }: Paywall,
  { to = recipient, amount = price }: { to?: Address; amount?: bigint } = {},
) => withReference(transferData(to, amount), transactionId)

/** A contract that logs a transfer of which it is told, and moves nothing. */
async function forger(): Promise<Address> {
  const address: Address = `0x${'f0'.repeat(20)}`
  await rpc(url, 'anvil_setCode', [address, '0x5f355f5260603560403560203560205fa300'])
  return address
}

const forged = ({ address }: Payer, { recipient, price }: Paywall, { transactionId }: AcceptedPayment): Hex =>
  withReference(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'bytes32' }, { type: 'address' }, { type: 'address' }],
      [price, keccak256(toHex('Transfer(address,address,uint256)')), address, recipient],
    ),
    transactionId,
  )

/** Has a smart wallet make calls, all or none, as the entry point does once it has checked who signed. */
async function asEntryPoint(wallet: Address, batch: { to: Address; value: bigint; data: Hex }[]): Promise<Hash> {
  const execution = encodeAbiParameters(
    [{ type: 'tuple[]', components: [{ type: 'address' }, { type: 'uint256' }, { type: 'bytes' }] }],
    [batch.map(({ to, value, data }) => [to, value, data] as const)],
  )
  const mode: Hex = `0x01${'00'.repeat(31)}`
  const data = encodeFunctionData({ abi: smartAccountAbi, functionName: 'execute', args: [mode, execution] })
  await rpc(url, 'anvil_impersonateAccount', [entryPointAddress])
  await rpc(url, 'anvil_setBalance', [entryPointAddress, toHex(10n ** 20n)])
  return rpc<Hash>(url, 'eth_sendTransaction', [{ from: entryPointAddress, to: wallet, data, gas: toHex(1_000_000) }])
}

/** Until it is disposed of, blocks come only when they are asked for. */
async function withoutBlocks(): Promise<AsyncDisposable> {
  await rpc(url, 'evm_setAutomine', [false])
  return { [Symbol.asyncDispose]: () => rpc(url, 'evm_setAutomine', [true]) }
}

/** Works on a payment's transaction as a worker does that finds it due. */
async function look({ transactionId }: AcceptedPayment, services: Services = world.built.services): Promise<void> {
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('transaction')
        .set((row) => ({ next_attempt_at: services.clock.now(), attempts: row('attempts', '+', 1) }))
        .where('id', '=', transactionId)
        .execute(),
    { idempotent: true },
  )
  await workOn(services, await rowOf(transactionId))
}

async function looks(payment: AcceptedPayment, times: number, services?: Services): Promise<void> {
  for (let n = 0; n < times; n++) await look(payment, services)
}

const rowOf = (id: string) =>
  world.built.services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** The types of a payment's events, in their order. */
async function told({ id }: Payment): Promise<string[]> {
  const rows = await world.built.services.db
    .selectFrom('event')
    .select('type')
    .where('object_id', '=', id)
    .orderBy('sequence')
    .execute()
  return rows.map(({ type }) => type)
}
