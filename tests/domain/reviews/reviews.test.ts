import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import type { AcceptedPayment, Wallet } from '../../../server/contract/entities.ts'
import type { Review } from '../../../server/contract/policies.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import type { UserPrincipal } from '../../../server/domain/principal.ts'
import { assignReview } from '../../../server/domain/reviews/assign-review.ts'
import { decideReview } from '../../../server/domain/reviews/decide-review.ts'
import type { Services } from '../../../server/services.ts'
import type { Answer } from '../../http/support/calls.ts'
import { eventually } from '../../support/eventually.ts'
import { type Person, person } from '../../support/people.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'
import { dataOf, expectRefusal, usersOf } from '../approvals/support/wishes.ts'

/** Nothing moves by itself. */
let still: World
/** Everything does, and its clock may be moved. */
let running: World
let ahead = 0
beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + ahead) }
  ;[still, running] = await Promise.all([testWorld({ workers: false }), testWorld({ clock })])
  for (const world of [still, running]) await publish(world, aboveOne(world))
})
afterAll(async () => {
  await still[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

const aboveOne = ({ assetId }: World) => ({ rule: 'threshold', assetId, above: USDC, otherwise: 'review' }) as const

/** A payment that is held, and its review. */
async function held(world: World, given?: Wallet) {
  const [paywall, wallet] = [
    await world.paywall({ price: 2n * USDC, accessSeconds: 60 }),
    given ?? (await world.wallet()),
  ]
  const payment = await world.client.payments.create.mutate({
    paywallId: paywall.id,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
  expect(payment.state).toBe('held')
  return { paywall, wallet, payment, review: await reviewOf(world, payment) }
}

async function reviewOf({ client }: World, { id }: Pick<AcceptedPayment, 'id'>): Promise<Review> {
  const { items } = await client.reviews.list.query({ limit: 100 })
  return items.find(({ paymentId }) => paymentId === id)!
}

const decide = (by: Person, { id: reviewId }: Review, verdict: 'approved' | 'denied'): Promise<Answer> =>
  by.mutate('reviews.decide', { reviewId, verdict, note: `${verdict}: seen the invoice` })

const get = (world: World, { id: paymentId }: Pick<AcceptedPayment, 'id'>) =>
  world.client.payments.get.query({ paymentId })

/** What happened to an object, in order, by its trail and by its events, which must tell the same. */
async function happenedTo(world: World, { id: objectId }: { id: string }): Promise<string[]> {
  const { items } = await world.client.audit.trail.query({ objectId, limit: 100 })
  const actions = items.map(({ body }) => JSON.parse(body).action as string)
  const events = await world.built.services.db
    .selectFrom('event')
    .select(['type', 'sequence'])
    .where('object_id', '=', objectId)
    .orderBy('sequence')
    .execute()
  expect(events.map(({ type }) => type)).toEqual(actions)
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => BigInt(index + 1)))
  return actions
}

const expectTrails = async ({ built }: World) => expect((await verifyTrails(built.services.db)).faults).toEqual([])

test('held, looked at, approved: it settles on the chain and gives access', async () => {
  const { paywall, wallet, payment, review } = await held(running)
  expect(review).toMatchObject({
    state: 'open',
    decisionId: payment.decisionId,
    requestedBy: expect.stringMatching(/^key:/),
    assignedTo: null,
  })
  const officer = await officerOf(running)
  const assigned = await officer.mutate('reviews.assign', { reviewId: review.id, note: 'asks for the invoice' })
  expect(dataOf<Review>(assigned)).toMatchObject({ assignedTo: `user:${officer.userId}`, note: 'asks for the invoice' })

  const decided = dataOf<Review>(await decide(officer, review, 'approved'))
  expect(decided).toMatchObject({
    state: 'approved',
    decidedBy: `user:${officer.userId}`,
    note: 'approved: seen the invoice',
    decidedAt: expect.any(Date),
  })
  await running.until(payment.id, 'settled')
  expect(await running.transfers(wallet.address, 2n * USDC)).toBe(1)
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  expect(await running.client.access.check.query(purchase)).toMatchObject({ granted: true })
  expect(await happenedTo(running, review)).toEqual(['review.opened', 'review.assigned', 'review.approved'])
  expect(await happenedTo(running, payment)).toEqual([
    'payment.held',
    'payment.accepted',
    'payment.submitted',
    'transaction.submitted',
    'payment.settled',
  ])
  await expectTrails(running)
})

test('denied: it is refused, and the note is for officers', async () => {
  const { wallet, payment, review } = await held(running)
  const officer = await officerOf(running)
  dataOf(await decide(officer, review, 'denied'))
  const refused = await get(running, payment)
  expect(refused).toMatchObject({
    state: 'refused',
    failure: {
      reason: 'DENIED_BY_OFFICER',
      refusal: {
        decisionId: payment.decisionId,
        policyVersion: 1,
        checks: [{ rule: 'threshold', code: 'ABOVE_THRESHOLD', outcome: 'review', remedy: expect.any(String) }],
      },
    },
  })
  expect(JSON.stringify(refused, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    'invoice',
  )
  expect(await running.transfers(wallet.address, 2n * USDC)).toBe(0)
  const asked = await running.crossmint.journal({ type: 'exchange' })
  expect(asked.some(({ idempotencyKey }) => idempotencyKey === payment.transactionId)).toBe(false)
  expect(await happenedTo(running, payment)).toEqual(['payment.held', 'payment.refused'])
  expect(await happenedTo(running, review)).toEqual(['review.opened', 'review.denied'])

  // said twice it is said once; said otherwise it is too late
  expect(dataOf<Review>(await decide(officer, review, 'denied'))).toMatchObject({ state: 'denied' })
  expectRefusal(await decide(officer, review, 'approved'), 'REVIEW_CLOSED', { state: 'denied' })
  await expectTrails(running)
})

test('nobody decides for three days: it expires by the clock, and its payment with it', async () => {
  const { payment, review } = await held(running)
  expect(review.expiresAt.getTime() - review.createdAt.getTime()).toBe(3 * 86_400_000)
  ahead += 3 * 86_400_000
  const expired = await running.until(payment.id, 'expired')
  expect(expired.failure).toMatchObject({
    reason: 'REVIEW_EXPIRED',
    refusal: { decisionId: payment.decisionId, checks: [{ rule: 'threshold', remedy: expect.any(String) }] },
  })
  await eventually(async () =>
    expect(await reviewOf(running, payment)).toMatchObject({ state: 'expired', decidedBy: null }),
  )
  const late = await person(running, { roles: ['officer'] })
  expectRefusal(await decide(late, review, 'approved'), 'REVIEW_CLOSED', { state: 'expired' })
  expect(await happenedTo(running, review)).toEqual(['review.opened', 'review.expired'])
  expect(await happenedTo(running, payment)).toEqual(['payment.held', 'payment.expired'])
  await expectTrails(running)
})

test('past its time it cannot be decided on, whether or not the clock has ended it', async () => {
  const { payment, review } = await held(still)
  await still.built.services.db
    .updateTable('review')
    .set({ expires_at: new Date(Date.now() - 1) } as never)
    .where('id', '=', review.id)
    .execute()
  const officer = await officerOf(still)
  for (const verdict of ['approved', 'denied'] as const)
    expectRefusal(await decide(officer, review, verdict), 'REVIEW_CLOSED', { state: 'expired' })
  expectRefusal(await officer.mutate('reviews.assign', { reviewId: review.id }), 'REVIEW_CLOSED')
  expect((await get(still, payment)).state).toBe('held')
})

test('taken back while it is held: nothing is left to decide', async () => {
  const { payment, review } = await held(still)
  expect((await still.client.payments.cancel.mutate({ paymentId: payment.id })).state).toBe('cancelled')
  expect(await reviewOf(still, payment)).toMatchObject({ state: 'obsolete', decidedBy: null })
  const refusal = await decide(await officerOf(still), review, 'approved')
  expectRefusal(refusal, 'REVIEW_CLOSED', { state: 'obsolete' })
  expect(await happenedTo(still, review)).toEqual(['review.opened', 'review.obsolete'])
  expect(await happenedTo(still, payment)).toEqual(['payment.held', 'payment.cancelled'])
  await expectTrails(still)
})

test('nobody decides on a payment that they asked for, or that is paid from their wallet', async () => {
  const payer = await person(still, { roles: ['officer'] })
  const wallet = dataOf<Wallet>(await payer.mutate('wallets.open'))
  await mintUsdc(still.chain.url, { to: wallet.address, amount: 10n * USDC })
  const paywall = await still.paywall({ price: 2n * USDC })
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  const own = dataOf<AcceptedPayment>(
    await payer.mutate('payments.create', { ...purchase, idempotencyKey: randomUUID() }),
  )
  const byServer = await still.client.payments.create.mutate({ ...purchase, idempotencyKey: randomUUID() })
  for (const payment of [own, byServer]) {
    const review = await reviewOf(still, payment)
    for (const verdict of ['approved', 'denied'] as const)
      expectRefusal(await decide(payer, review, verdict), 'NEEDS_ANOTHER_PERSON')
    expect(await happenedTo(still, review)).toEqual(['review.opened'])
    dataOf(await decide(await officerOf(still), review, 'approved'))
    expect((await get(still, payment)).state).toBe('accepted')
  }
})

test('the database lets nobody decide on what they asked for, whatever the code does', async () => {
  const { review } = await held(still)
  const write = still.built.services.db
    .updateTable('review')
    .set({ state: 'approved', decided_by: review.requestedBy, decided_at: new Date() })
    .where('id', '=', review.id)
    .execute()
  await expect(write).rejects.toMatchObject({ code: '23514', constraint: 'review_by_another_person' })
})

test('a wallet that was deny-listed since: approving is refused, and says why; denying is done', async () => {
  const { wallet, payment, review } = await held(still)
  const officer = await officerOf(still)
  await still.client.lists.add.mutate({ list: 'fraud', address: wallet.address, reason: 'reported' })
  const refusal = await decide(officer, review, 'approved')
  expectRefusal(refusal, 'REFUSED_BY_COMPLIANCE', {
    decisionId: expect.any(String),
    listVersion: expect.stringMatching(/^\d+$/),
    policyVersion: 1,
    checks: [{ rule: 'deny-list', code: 'ADDRESS_ON_DENY_LIST', list: 'fraud', remedy: expect.any(String) }],
  })
  expect((await get(still, payment)).state).toBe('held')
  expect(await reviewOf(still, payment)).toMatchObject({ state: 'open' })
  dataOf(await decide(officer, review, 'denied'))
  expect((await get(still, payment)).state).toBe('refused')
})

test('a policy that was published since: what it denies no officer lets pass, what it would have reviewed they do', async () => {
  await using world = await testWorld({ workers: false })
  await publish(world, aboveOne(world))
  const [one, other] = [await held(world), await held(world)]
  const officer = await officerOf(world)
  await publish(world, {
    rule: 'recipients',
    allowed: ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'],
    otherwise: 'deny',
  })
  expectRefusal(await decide(officer, one.review, 'approved'), 'REFUSED_BY_COMPLIANCE', {
    policyVersion: 2,
    checks: [{ rule: 'recipients', code: 'RECIPIENT_NOT_ALLOWED' }],
  })
  await publish(world, {
    rule: 'recipients',
    allowed: ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'],
    otherwise: 'review',
  })
  for (const { review, payment } of [one, other]) {
    dataOf(await decide(officer, review, 'approved'))
    expect((await get(world, payment)).state).toBe('accepted')
  }
  // an officer has looked at it: what asks for a review only does not stop it again
  world.built.startWorkers()
  for (const { payment } of [one, other]) await world.until(payment.id, 'settled')
})

test('taken on, noted, given back; each of it once, and only while it is open', async () => {
  const { review } = await held(still)
  const [one, other] = [await officerOf(still), await person(still, { roles: ['officer'] })]
  const assign = async (by: Person, input: object) =>
    dataOf<Review>(await by.mutate('reviews.assign', { reviewId: review.id, ...input }))
  expect(await assign(one, { note: 'looking' })).toMatchObject({ assignedTo: `user:${one.userId}`, note: 'looking' })
  expect(await assign(one, { note: 'looking' })).toMatchObject({ assignedTo: `user:${one.userId}` })
  const mine = async (by: Person) => dataOf<{ items: Review[] }>(await by.query('reviews.list', { mine: true })).items
  expect((await mine(one)).map(({ id }) => id)).toContain(review.id)
  expect(await mine(other)).toEqual([])
  expect(await assign(other, {})).toMatchObject({ assignedTo: `user:${other.userId}`, note: 'looking' })
  expect(await assign(other, { take: false, note: 'not mine' })).toMatchObject({ assignedTo: null, note: 'not mine' })
  dataOf(await decide(one, review, 'denied'))
  expectRefusal(await other.mutate('reviews.assign', { reviewId: review.id }), 'REVIEW_CLOSED', { state: 'denied' })
  expect(await happenedTo(still, review)).toEqual([
    'review.opened',
    ...Array(3).fill('review.assigned'),
    'review.denied',
  ])
  const byState = await still.client.reviews.list.query({ state: 'denied', limit: 100 })
  expect(byState.items.every(({ state }) => state === 'denied')).toBe(true)
})

/** Officers of a world who act by the domain alone, on two instances. */
async function officers(world: World, count: number): Promise<{ who: UserPrincipal; services: Services }[]> {
  const instances = [world.built.services, world.instance().services]
  const users = await usersOf(world, count, 'officer')
  return users.map((who, index) => ({ who, services: instances[index % 2]! }))
}

test('of officers who decide at the same time one does, and the payment goes as they said', {
  timeout: 60_000,
}, async () => {
  await using world = await testWorld({ workers: false })
  await publish(world, aboveOne(world))
  const rivals = await officers(world, 6)
  const wallet = await world.wallet()
  for (let round = 0; round < 8; round++) {
    const { payment, review } = await held(world, wallet)
    const answers = await Promise.all(
      rivals.map(({ who, services }, index) =>
        decideReview(services, who, {
          reviewId: review.id,
          verdict: index % 2 === round % 2 ? 'approved' : 'denied',
          note: 'me',
        }).catch(({ code, details }) => ({ code, details })),
      ),
    )
    const decided = answers.filter((answer) => 'state' in answer)
    expect(decided).toHaveLength(1)
    const { state } = decided[0]!
    expect(answers.filter((answer) => 'code' in answer)).toEqual(
      Array(5).fill({ code: 'REVIEW_CLOSED', details: { state } }),
    )
    expect((await get(world, payment)).state).toBe(state === 'approved' ? 'accepted' : 'refused')
    expect(await happenedTo(world, review)).toEqual(['review.opened', `review.${state}`])
    expect(await happenedTo(world, payment)).toHaveLength(2)
  }
  await expectTrails(world)
})

test('a note that comes at the same time takes no verdict away', { timeout: 60_000 }, async () => {
  const [one, other] = await officers(still, 2)
  for (let round = 0; round < 8; round++) {
    const { review } = await held(still)
    const [decided, noted] = await Promise.all([
      decideReview(one!.services, one!.who, { reviewId: review.id, verdict: 'approved', note: 'fine' }),
      assignReview(other!.services, other!.who, { reviewId: review.id, take: true, note: 'looking' }).catch(
        ({ code }) => code as string,
      ),
    ])
    expect(decided).toMatchObject({ state: 'approved', note: 'fine' })
    const before = typeof noted === 'string' ? [] : ['review.assigned']
    if (typeof noted === 'string') expect(noted).toBe('REVIEW_CLOSED')
    expect(await happenedTo(still, review)).toEqual(['review.opened', ...before, 'review.approved'])
  }
})

test('a cancellation and a verdict at the same time: one of them happens', { timeout: 60_000 }, async () => {
  const [one] = await officers(still, 1)
  const { client } = still
  for (let round = 0; round < 8; round++) {
    const { payment, review } = await held(still)
    const cancel = () => client.payments.cancel.mutate({ paymentId: payment.id }).catch(() => null)
    const verdict = round % 2 === 0 ? 'approved' : 'denied'
    await Promise.all([
      cancel(),
      decideReview(one!.services, one!.who, { reviewId: review.id, verdict, note: 'n' }).catch(() => null),
    ])
    const [{ state }, { state: reviewed }] = [await get(still, payment), await reviewOf(still, payment)]
    // what was approved first may be taken back after it
    const ways = { cancelled: ['obsolete', 'approved'], accepted: ['approved'], refused: ['denied'] }
    expect(ways[state as keyof typeof ways]).toContain(reviewed)
  }
  await expectTrails(still)
})
