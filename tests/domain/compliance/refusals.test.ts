import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { TransactionRow } from '../../../db/schema.ts'
import type { Check, Payment, Wallet } from '../../../server/contract/entities.ts'
import type { Rule, RuleName } from '../../../server/contract/policies.ts'
import { expireReview } from '../../../server/domain/reviews/expire-review.ts'
import { REVIEW_LIFETIME } from '../../../server/domain/reviews/new-review.ts'
import { advance } from '../../../server/domain/transactions/advance.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { findUnscreened, rescreen } from '../../../server/domain/transactions/rescreen.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import type { Services } from '../../../server/services.ts'
import type { Answer } from '../../http/support/calls.ts'
import { person } from '../../support/people.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'

// Every way in which a refusal reaches who calls, for every rule there is.

let world: World
let services: Services
beforeAll(async () => {
  world = await testWorld({ workers: false, attestations: true })
  services = world.built.services
  await world.client.lists.create.mutate({ name: 'members', kind: 'allow' })
  await world.client.lists.create.mutate({ name: 'ofac', kind: 'sanctions' })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Rules of a policy that no payment here satisfies. */
const unsatisfiable: { [Name in RuleName]: (otherwise: 'deny' | 'review') => Extract<Rule, { rule: Name }> } = {
  'allow-list': (otherwise) => ({ rule: 'allow-list', list: 'members', parties: ['payer'], otherwise }),
  assets: (otherwise) => ({ rule: 'assets', allowed: [], otherwise }),
  jurisdiction: (otherwise) => ({
    ...{ rule: 'jurisdiction', parties: ['payer'], allowed: ['DE'], blocked: [] },
    ...{ otherwise, unanswered: otherwise },
  }),
  kyc: (otherwise) => ({
    ...{ rule: 'kyc', parties: ['payer'], level: 2, maxAgeDays: 30 },
    ...{ otherwise, unanswered: otherwise },
  }),
  limit: (otherwise) => ({
    ...{ rule: 'limit', per: 'wallet', assetId: world.assetId, windowSeconds: 60, count: 0, sum: null },
    otherwise,
  }),
  recipients: (otherwise) => ({ rule: 'recipients', allowed: [], otherwise }),
  threshold: (otherwise) => ({ rule: 'threshold', assetId: world.assetId, above: 1n, otherwise }),
  velocity: (otherwise) => ({ rule: 'velocity', count: 0, windowSeconds: 60, otherwise }),
}

/** A payment of 5 is accepted by this policy, and one of 50 is held. */
const lax = (): Rule => ({ rule: 'threshold', assetId: world.assetId, above: 10n, otherwise: 'review' })

/** What a refusal has, wherever it is met. */
interface Said {
  checks: Check[]
  listVersion: bigint | string
  policyVersion: number
}

/** Asserts that a refusal names the rule, its code, the versions that were asked and what would satisfy it. */
function expectReason(said: Said | null, rule: string, policyVersion: number) {
  const objections = said!.checks.filter(({ outcome }) => outcome !== 'allow')
  expect(objections.map((check) => check.rule)).toContain(rule)
  for (const check of objections)
    expect(check).toMatchObject({
      rule: expect.stringMatching(/^[a-z-]+$/),
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringMatching(/\w{3}.*\.$|: /),
      remedy: expect.stringMatching(/\w{3}.*\.$/),
    })
  expect(said!.policyVersion).toBe(policyVersion)
  expect(BigInt(said!.listVersion)).toBeGreaterThan(0n)
}

const purchase = async (price: bigint) => {
  const [paywall, wallet] = await Promise.all([world.paywall({ price }), world.wallet()])
  return { paywall, wallet }
}

async function pay(price: bigint): Promise<{ payment: Payment; wallet: Wallet }> {
  const { paywall, wallet } = await purchase(price)
  const wish = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  return { payment: await world.client.payments.create.mutate(wish), wallet }
}

const rowOf = ({ transactionId }: Payment): Promise<TransactionRow> =>
  services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', transactionId)
    .executeTakeFirstOrThrow()

const reviewOf = async ({ id }: Payment) =>
  (await world.client.reviews.list.query({ limit: 100 })).items.find(({ paymentId }) => paymentId === id)!

/** How a payment ended, and that its decision can be read. */
async function endOf({ id }: Payment) {
  const { state, failure } = await world.client.payments.get.query({ paymentId: id })
  const decisionId = failure!.refusal!.decisionId
  const { listVersion, policyVersion } = await world.client.decisions.get.query({ decisionId })
  expect(failure!.refusal).toMatchObject({ listVersion, policyVersion })
  return { state, reason: failure!.reason, refusal: failure!.refusal! }
}

/** Before it is made: the dry run, the quote and the call itself, which all say the same. */
async function expectRefusedAtFirst(rule: string, policyVersion: number, list: (wallet: Wallet) => Promise<unknown>) {
  const { paywall, wallet } = await purchase(5n)
  await list(wallet)
  const wish = { paywallId: paywall.id, walletId: wallet.id }
  const { recipient, assetId } = paywall
  const check = await world.client.compliance.check.query({ walletId: wallet.id, recipient, assetId, amount: 5n })
  expect(check.outcome).toBe('deny')
  expectReason(check, rule, policyVersion)
  const quote = await world.client.payments.quote.query(wish)
  expect(quote).toMatchObject({ outcome: 'deny', payable: false, listVersion: check.listVersion })
  expectReason(quote, rule, policyVersion)
  const refusal = await world.client.payments.create
    .mutate({ ...wish, idempotencyKey: randomUUID() })
    .then(() => expect.unreachable('it was accepted'), errorOf)
  expect(refusal).toMatchObject({ code: 'REFUSED_BY_COMPLIANCE', details: { listVersion: String(check.listVersion) } })
  expectReason(refusal.details as unknown as Said, rule, policyVersion)
  const decisionId = String(refusal.details.decisionId)
  expect(await world.client.decisions.get.query({ decisionId })).toMatchObject({ policyVersion, checks: check.checks })
}

/** Payments that are under way, each at another step, when the rules change. */
async function underWay() {
  const [queued, claimed, handed, held] = await Promise.all([pay(5n), pay(5n), pay(5n), pay(50n)])
  expect(held.payment.state).toBe('held')
  const submitting = await advance(services, await rowOf(handed.payment), {
    to: 'submitting',
    principal: { kind: 'system', name: 'dispatcher' },
    facts: { submitting_since: services.clock.now() },
    nextAttemptAt: new Date(Date.now() + 30_000),
  })
  return { queued, claimed, handed, held, submitting: submitting! }
}

async function expectRefusedUnderWay(
  rule: string,
  policyVersion: number,
  { queued, claimed, handed, held, submitting }: Awaited<ReturnType<typeof underWay>>,
) {
  // when an officer would let it pass
  const review = await reviewOf(held.payment)
  const verdict = { reviewId: review.id, verdict: 'approved', note: 'fine by me' }
  const answer = await (await officerOf(world)).mutate('reviews.decide', verdict)
  const { code, details } = answer.error!.data
  expect(code).toBe('REFUSED_BY_COMPLIANCE')
  expectReason(details as unknown as Said, rule, policyVersion)
  const { decisionId } = details as { decisionId: string }
  expect(await world.client.decisions.get.query({ decisionId })).toMatchObject({ outcome: 'deny', policyVersion })

  // when it would be submitted, and when it is being handed over
  await workOn(services, await rowOf(claimed.payment))
  await workOn({ ...services, patience: { ...services.patience, deadline: -1 } }, submitting)
  // when the rules have changed
  await rescreen(services, await findUnscreened(services, 0, 1_000))
  for (const [{ payment }, state] of [
    [claimed, 'refused'],
    [handed, 'failed'],
    [queued, 'refused'],
    [held, 'refused'],
  ] as const) {
    const end = await endOf(payment)
    expect(end.state).toBe(state)
    expect(end.refusal.checks.map((check) => check.code)).toContain(end.reason)
    expectReason(end.refusal, rule, policyVersion)
  }
}

/** Rules whose answer was settled when a payment was accepted: how much, and how often. */
const settled: ReadonlySet<string> = new Set<RuleName>(['limit', 'threshold', 'velocity'])

test.each(Object.keys(unsatisfiable) as RuleName[])(
  '%s: every refusal names it, the versions and the remedy',
  async (name) => {
    await publish(world, lax())
    const before = settled.has(name) ? null : await underWay()
    const { version } = await publish(world, lax(), unsatisfiable[name]('deny'))
    await expectRefusedAtFirst(name, version, async () => {})
    if (before) await expectRefusedUnderWay(name, version, before)

    // what waits for an officer, and is refused by one or by nobody
    const { version: reviewing } = await publish(world, unsatisfiable[name]('review'))
    const [{ payment: denied }, { payment: expired }] = await Promise.all([pay(5n), pay(5n)])
    const { id: reviewId } = await reviewOf(denied)
    const verdict: Answer = await (await officerOf(world)).mutate('reviews.decide', {
      ...{ reviewId, verdict: 'denied', note: 'not this one' },
    })
    expect(verdict.status).toBe(200)
    const late = { now: () => new Date(Date.now() + REVIEW_LIFETIME) }
    await expireReview({ ...services, clock: late }, await reviewOf(expired))
    for (const [payment, state, reason] of [
      [denied, 'refused', 'DENIED_BY_OFFICER'],
      [expired, 'expired', 'REVIEW_EXPIRED'],
    ] as const) {
      const end = await endOf(payment)
      expect(end).toMatchObject({ state, reason })
      expectReason(end.refusal, name, reviewing)
    }
  },
)

test.each([
  ['deny-list', 'fraud'],
  ['sanctions', 'ofac'],
])('%s: every refusal names it, its list, the versions and the remedy', async (name, list) => {
  const { version } = await publish(world, lax())
  const before = await underWay()
  const add = ({ address }: Wallet) => world.client.lists.add.mutate({ list, address, reason: 'reported' })
  for (const { wallet } of [before.queued, before.claimed, before.handed, before.held]) await add(wallet)
  await expectRefusedAtFirst(name, version, add)
  await expectRefusedUnderWay(name, version, before)
  for (const { payment } of [before.queued, before.claimed, before.handed, before.held])
    expect((await endOf(payment)).refusal.checks).toMatchObject([{ rule: name, list }])
})

test('who pays by themselves is told the same', async () => {
  const payer = await person(world)
  const { paywall, wallet } = await purchase(5n)
  await world.client.wallets.link.mutate({ walletId: wallet.id, userId: payer.userId })
  const { version } = await publish(world, unsatisfiable.recipients('deny'))
  const wish = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const answer = await payer.mutate('payments.create', wish)
  expectReason(answer.error!.data.details as unknown as Said, 'recipients', version)
})
