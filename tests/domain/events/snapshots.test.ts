import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EercOperation } from '../../../server/contract/eerc.ts'
import type { Payment, PaymentState } from '../../../server/contract/entities.ts'
import type { EventPage, ServiceEvent } from '../../../server/contract/events.ts'
import { writtenEvent } from '../../../server/schemas/events.ts'
import { eventually } from '../../support/eventually.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { USDC } from '../../support/world.ts'
import { dataOf } from '../approvals/support/wishes.ts'
import { approvedBy, type Issuer, issuerWorld } from '../eerc/support/issuer.ts'

let world: Issuer
beforeAll(async () => {
  world = await issuerWorld()
  await publish(world, { rule: 'threshold', assetId: world.assetId, above: USDC, otherwise: 'review' })
})
afterAll(() => world[Symbol.asyncDispose]())

const inJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)))

/** What the API says of an object until it is in a state, each answer that differs from the one before. */
async function watched<T extends { state: PaymentState }>(
  get: () => Promise<T>,
  end: PaymentState,
): Promise<unknown[]> {
  const answers: T[] = []
  const until = performance.now() + 20_000
  while (answers.at(-1)?.state !== end && performance.now() < until) {
    const answer = await get()
    if (JSON.stringify(inJson(answer)) !== JSON.stringify(inJson(answers.at(-1) ?? null))) answers.push(answer)
  }
  expect(answers.at(-1)?.state).toBe(end)
  return answers.map(inJson)
}

async function told(objectId: string): Promise<ServiceEvent[]> {
  const { items } = await eventually(async () => {
    const page = await world.client.events.list.query({ objectId })
    const { items } = await world.client.audit.trail.query({ objectId })
    expect(page.items).toHaveLength(items.length)
    return page
  })
  expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => BigInt(index + 1)))
  for (const event of items) expect(writtenEvent.parse(event)).toEqual(event)
  return items
}

/**
 * Expects every answer of the API to be what an event told, in that order, from the first to the last of them. Only what is learned
 * between two states (a hash before its block, a try in vain that comes again) is told by the event after it.
 */
async function expectTold(id: string, answers: unknown[], first: string, last: string) {
  const events = await told(id)
  expect([events[0]!.type, events.at(-1)!.type]).toEqual([first, last])
  const snapshots = events.map(({ data }) => data as unknown)
  expect(answers.at(-1)).toEqual(snapshots.at(-1))
  let next = 0
  for (const answer of answers) {
    const { state } = answer as Pick<Payment, 'state'>
    const learned = state === 'submitted' ? { transactionHash: null, failure: null } : {}
    const place = snapshots.findIndex(
      (snapshot, index) =>
        index >= next && sameAs({ ...(snapshot as object), ...learned }, { ...(answer as object), ...learned }),
    )
    expect(place, `${JSON.stringify(answer)} is in no event`).toBeGreaterThanOrEqual(next)
    next = place
  }
}

const sameAs = (one: unknown, other: unknown): boolean => {
  try {
    expect(one).toEqual(other)
    return true
  } catch {
    return false
  }
}

async function pay(price: bigint): Promise<Payment> {
  const [paywall, wallet] = await Promise.all([world.paywall({ price }), world.wallet(10n * USDC)])
  const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { replayed: _, ...payment } = await world.client.payments.create.mutate(purchase)
  return payment
}

const getter =
  ({ id: paymentId }: Payment) =>
  () =>
    world.client.payments.get.query({ paymentId })

const reviewIdOf = async ({ id }: Payment) =>
  (await world.client.reviews.list.query({ limit: 100 })).items.find(({ paymentId }) => paymentId === id)!.id

test('every answer that the API gives of a payment until it is settled is what an event told', async () => {
  const payment = await pay(USDC)
  const answers = await watched(getter(payment), 'settled')
  await expectTold(payment.id, [inJson(payment), ...answers], 'payment.accepted', 'payment.settled')
})

test('a payment that was held and denied tells the decision that it was held by', async () => {
  const payment = await pay(2n * USDC)
  expect(payment.state).toBe('held')
  const officer = await officerOf(world)
  const input = { reviewId: await reviewIdOf(payment), verdict: 'denied', note: 'no invoice' }
  dataOf(await officer.mutate('reviews.decide', input))
  const answers = await watched(getter(payment), 'refused')
  expect(answers.at(-1)).toMatchObject({ failure: { refusal: { decisionId: payment.decisionId } } })
  await expectTold(payment.id, [inJson(payment), ...answers], 'payment.held', 'payment.refused')
})

test('a payment that waited when its payer was listed tells why it was refused', async () => {
  const payment = await pay(2n * USDC)
  await world.client.lists.add.mutate({ list: 'sanctions', address: payment.payer, reason: 'named by the regulator' })
  const answers = await watched(getter(payment), 'refused')
  expect(answers.at(-1)).toMatchObject({
    failure: { refusal: { checks: [expect.objectContaining({ code: 'ADDRESS_ON_DENY_LIST' })] } },
  })
  await expectTold(payment.id, [inJson(payment), ...answers], 'payment.held', 'payment.refused')
})

test('a payment that is taken back tells it', async () => {
  const payment = await pay(2n * USDC)
  const cancelled = await world.client.payments.cancel.mutate({ paymentId: payment.id })
  await expectTold(payment.id, [payment, cancelled].map(inJson), 'payment.held', 'payment.cancelled')
})

test('operations on tokens are told whole: held, let go and settled, taken back, rejected', async () => {
  const holder = await world.holder(0n)
  const mint = async () => {
    const wish = { tokenId: world.token.id, to: holder.address, amount: 50n, reason: 'as agreed' }
    const { replayed: _, ...operation } = await world.client.eerc.mint.mutate({ ...wish, idempotencyKey: randomUUID() })
    return operation
  }
  const get =
    ({ id: operationId }: EercOperation) =>
    () =>
      world.client.eerc.get.query({ operationId })

  const minted = await mint()
  const approving = approvedBy(world.officers[0], minted)
  const answers = await watched(get(minted), 'settled')
  await approving
  await expectTold(minted.id, [inJson(minted), ...answers], 'operation.held', 'operation.settled')

  const cancelled = await mint()
  await world.client.eerc.cancel.mutate({ operationId: cancelled.id })
  await expectTold(
    cancelled.id,
    [inJson(cancelled), inJson(await get(cancelled)())],
    'operation.held',
    'operation.cancelled',
  )

  const rejected = await mint()
  dataOf(
    await world.officers[0].mutate('approvals.reject', { approvalId: rejected.approvalId, note: 'not subscribed' }),
  )
  await expectTold(
    rejected.id,
    [inJson(rejected), inJson(await get(rejected)())],
    'operation.held',
    'operation.refused',
  )
})

test('a payment that the chain dropped tells that it needs attention', async () => {
  const payment = await pay(USDC)
  await world.until(payment.id, 'settled')
  await world.crossmint.reorg({ depth: 1 })
  const answers = await watched(getter(payment), 'attention')
  expect(answers.at(-1)).toMatchObject({ settledAt: null, failure: { reason: 'dropped_by_chain', refusal: null } })
  await expectTold(payment.id, [inJson(payment), ...answers], 'payment.accepted', 'payment.attention')
})

test('whatever was written meanwhile, of whatever object, is what the contract says', async () => {
  let count = 0
  const officer = await officerOf(world)
  for (let cursor: string | null = null, hasMore = true; hasMore; ) {
    const page: EventPage = dataOf(await officer.query('events.list', { cursor }))
    for (const event of page.items) expect(writtenEvent.parse(event)).toEqual(event)
    count += page.items.length
    ;({ nextCursor: cursor, hasMore } = page)
  }
  expect(count).toBeGreaterThan(50)
})
