import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const lower = '0x90f79bf6eb2c4f870365e785982e1f101e93b906'
const terms = () => ({ title: 'An article', assetId: world.assetId, price: 5n, recipient: lower })
const create = (patch: object = {}) =>
  world.client.paywalls.create.mutate({ ...terms(), idempotencyKey: randomUUID(), ...patch })

test('what is created is what is read; an address comes out with its checksum', async () => {
  const expiresAt = new Date(Date.now() + 60_000)
  const made = await create({ accessSeconds: 86_400, expiresAt })
  expect(made).toMatchObject({
    title: 'An article',
    price: 5n,
    recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
    accessSeconds: 86_400,
    expiresAt,
    state: 'open',
    replayed: false,
  })
  const { replayed: _, ...paywall } = made
  expect(await world.client.paywalls.get.query({ paywallId: made.id })).toEqual(paywall)
})

test('a broken checksum is told apart from what is no address at all', async () => {
  const messageFor = async (recipient: string) =>
    (await create({ recipient }).then(() => expect.unreachable('It was taken'), errorOf)).issues[0]?.message
  expect(await messageFor('0x90F79bf6EB2c4f870365E785982E1f101E93B906')).toContain('checksum')
  expect(await messageFor('0x90f79')).toContain('40 hex digits')
  expect(await messageFor(`0x${'0'.repeat(40)}`)).toContain('zero address')
  expect(await messageFor(`${lower} `)).toContain('40 hex digits')
  expect(await messageFor('vitalik.eth')).toContain('40 hex digits')
})

test('a title is trimmed, holds any script, and no control characters', async () => {
  expect((await create({ title: '  記事 – Ünï 🧾  ' })).title).toBe('記事 – Ünï 🧾')
  for (const title of ['a\u0000b', 'a\nb', 'a\u202eb\u0007', ' ', 'x'.repeat(201)]) {
    const error = await create({ title }).then(() => expect.unreachable(title), errorOf)
    expect(error.issues).toMatchObject([{ path: ['title'] }])
  }
})

test('the same key and terms are one paywall, other terms are refused', async () => {
  const idempotencyKey = randomUUID()
  const before = await rowCounts(world.database)
  const all = await Promise.all(Array.from({ length: 20 }, () => create({ idempotencyKey })))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
  const error = await create({ idempotencyKey, price: 6n }).then(() => expect.unreachable('It was taken'), errorOf)
  expect(error.code).toBe('IDEMPOTENCY_MISMATCH')
  expect(growth(before, await rowCounts(world.database))).toEqual({ paywall: 1, audit: 1, event: 1, idempotency: 1 })
})

test('an update changes what it names and nothing else; null takes a limit away', async () => {
  const made = await create({ accessSeconds: 60, expiresAt: new Date(Date.now() + 60_000) })
  const { updatedAt, ...changed } = await world.client.paywalls.update.mutate({ paywallId: made.id, price: 9n })
  const { replayed: _, updatedAt: before, ...rest } = made
  expect(changed).toEqual({ ...rest, price: 9n })
  expect(updatedAt.getTime()).toBeGreaterThanOrEqual(before.getTime())

  const unlimited = await world.client.paywalls.update.mutate({
    paywallId: made.id,
    accessSeconds: null,
    expiresAt: null,
  })
  expect(unlimited).toMatchObject({ price: 9n, accessSeconds: null, expiresAt: null })
})

test('an update of a payment accepted before does not change what that pays', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall({ price: 7n }), world.wallet()])
  const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { id } = await world.client.payments.create.mutate(purchase)
  await world.client.paywalls.update.mutate({
    paywallId: paywall.id,
    price: 8n,
    recipient: '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
  })
  const payment = await world.client.payments.get.query({ paymentId: id })
  expect(payment).toMatchObject({ amount: 7n, recipient: paywall.recipient })
})

test('an archived paywall stays as it was, and archiving it again says the same', async () => {
  const { id } = await create()
  const archived = await world.client.paywalls.archive.mutate({ paywallId: id })
  expect(archived.state).toBe('archived')
  expect(await world.client.paywalls.archive.mutate({ paywallId: id })).toEqual(archived)
  const error = await world.client.paywalls.update
    .mutate({ paywallId: id, price: 1n })
    .then(() => expect.unreachable('It was changed'), errorOf)
  expect(error.code).toBe('PAYWALL_CLOSED')
  const { items } = await world.client.audit.trail.query({ objectId: id })
  expect(items).toHaveLength(2)
})

test('twenty updates at once are twenty leaves in a row', async () => {
  const { id } = await create()
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      world.client.paywalls.update.mutate({ paywallId: id, price: BigInt(index + 1) }),
    ),
  )
  const { items } = await world.client.audit.trail.query({ objectId: id })
  expect(items.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  const { price } = await world.client.paywalls.get.query({ paywallId: id })
  expect(JSON.parse(items.at(-1)!.body).data.price).toBe(String(price))
})
