import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf, type ProviderServiceError } from '../../../client-sdk/index.ts'
import { instance } from '../../http/support/instance.ts'
import { growth, rowCounts, withAdmin } from '../../http/support/rows.ts'
import { entryOf, takeOff } from '../../support/lists.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

/** A refused payment: what the caller was told, and which tables grew. */
async function refused(input: { paywallId: string; walletId: string }, client = world.client) {
  const before = await rowCounts(world.database)
  const error = await client.payments.create
    .mutate({ ...input, idempotencyKey: randomUUID() })
    .then((): ProviderServiceError => expect.unreachable('It was accepted'), errorOf)
  return { error, written: growth(before, await rowCounts(world.database)) }
}

test('an archived paywall, and one past its expiry', async () => {
  const wallet = await world.wallet()
  const archived = await world.paywall()
  await world.client.paywalls.archive.mutate({ paywallId: archived.id })
  const expired = await world.paywall({ expiresAt: new Date(Date.now() - 1) })
  for (const { id } of [archived, expired]) {
    const { error, written } = await refused({ paywallId: id, walletId: wallet.id })
    expect(error).toMatchObject({ code: 'PAYWALL_CLOSED', status: 409, retryable: false })
    expect(error.message).toContain('Ask its merchant')
    expect(written).toEqual({})
    const quote = await world.client.payments.quote.query({ paywallId: id, walletId: wallet.id })
    expect(quote.payable).toBe(false)
  }
})

test('a paywall that expires between two payments: the first stays, the second is refused', async () => {
  let now = Date.now()
  await using later = await instance(world, {}, { clock: { now: () => new Date(now) } })
  const client = createClient({ url: later.url, apiKey: world.apiKey })
  const wallet = await world.wallet()
  const paywall = await world.paywall({ expiresAt: new Date(now + 60_000) })
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  const first = await client.payments.create.mutate({ ...purchase, idempotencyKey: 'the-first-one' })

  now += 60_000
  const { error } = await refused(purchase, client)
  expect(error.code).toBe('PAYWALL_CLOSED')
  const replay = await client.payments.create.mutate({ ...purchase, idempotencyKey: 'the-first-one' })
  expect(replay).toMatchObject({ id: first.id, replayed: true })
})

test('a wallet that holds a base unit too little; with it, it pays', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall({ price: USDC }), world.wallet(USDC - 1n)])
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  const { error, written } = await refused(purchase)
  expect(error).toMatchObject({
    code: 'INSUFFICIENT_BALANCE',
    status: 402,
    details: { balance: String(USDC - 1n), price: String(USDC), assetId: world.assetId, wallet: wallet.address },
  })
  expect(error.message).toContain(`Fund ${wallet.address}`)
  expect(written).toEqual({})

  await world.crossmint.fund({ address: wallet.address, amount: 1n })
  await world.client.payments.create.mutate({ ...purchase, idempotencyKey: randomUUID() })
})

test('the largest price there can be is a price that nobody can pay', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall({ price: 2n ** 256n - 1n }), world.wallet()])
  expect(paywall.price).toBe(2n ** 256n - 1n)
  const { error } = await refused({ paywallId: paywall.id, walletId: wallet.id })
  expect(error).toMatchObject({ code: 'INSUFFICIENT_BALANCE', details: { price: String(2n ** 256n - 1n) } })
})

test('an asset on a chain that the wallet cannot pay on', async () => {
  const wallet = await world.wallet()
  const id = randomUUID()
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(
      `insert into asset (id, chain_id, address, symbol, decimals, created_at, version, audit_head)
       values ($1, 1, $2, 'USDC', 6, now(), 1, $3)`,
      [id, world.contracts.usdc, Buffer.alloc(32)],
    ),
  )
  const paywall = await world.client.paywalls.create.mutate({
    title: 'On another chain',
    assetId: id,
    price: 1n,
    recipient: wallet.address,
    idempotencyKey: randomUUID(),
  })
  const { error, written } = await refused({ paywallId: paywall.id, walletId: wallet.id })
  expect(error).toMatchObject({ code: 'CHAIN_NOT_SUPPORTED', status: 422 })
  expect(error.message).toContain('eip155:1')
  expect(written).toEqual({})
})

test('a recipient on a deny list is refused as a payer is, and only the refusal is written', async () => {
  const [paywall, wallet] = await Promise.all([
    world.paywall({ recipient: '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65' }),
    world.wallet(),
  ])
  const entry = entryOf(
    await world.client.lists.add.mutate({ list: 'fraud', address: paywall.recipient, reason: 'reported' }),
  )
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  const { error, written } = await refused(purchase)
  expect(error).toMatchObject({
    code: 'REFUSED_BY_COMPLIANCE',
    details: { checks: [{ rule: 'deny-list', code: 'ADDRESS_ON_DENY_LIST', list: 'fraud' }] },
  })
  expect(error.message).toContain('reported')
  expect(written).toEqual({ decision: 1, audit: 1, event: 1 })
  const quote = await world.client.payments.quote.query(purchase)
  expect(quote).toMatchObject({ outcome: 'deny', payable: false })
  expect(quote.checks.filter(({ outcome }) => outcome !== 'allow')).toEqual(error.details.checks)

  await takeOff(world, entry.id)
  await world.client.payments.create.mutate({ ...purchase, idempotencyKey: randomUUID() })
})

test('a quote says what would be paid, and writes nothing', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall({ price: 3n }), world.wallet(5n)])
  const before = await rowCounts(world.database)
  const quote = await world.client.payments.quote.query({ paywallId: paywall.id, walletId: wallet.id })
  expect(quote).toMatchObject({
    amount: 3n,
    balance: 5n,
    payer: wallet.address,
    recipient: paywall.recipient,
    chain: 'eip155:43113',
    outcome: 'allow',
    payable: true,
  })
  expect(growth(before, await rowCounts(world.database))).toEqual({})
})

test('a payment is cancelled while it is queued, once, and is never sent', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { id, transactionId } = await world.client.payments.create.mutate(purchase)
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => world.client.payments.cancel.mutate({ paymentId: id })),
  )
  expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['cancelled']))
  const { items } = await world.client.audit.trail.query({ objectId: id })
  expect(items.map(({ body }) => JSON.parse(body).action)).toEqual(['payment.accepted', 'payment.cancelled'])
  const row = await world.built.services.db
    .selectFrom('transaction')
    .select(['state', 'next_attempt_at'])
    .where('id', '=', transactionId)
    .executeTakeFirstOrThrow()
  expect(row).toEqual({ state: 'cancelled', next_attempt_at: null })
})
