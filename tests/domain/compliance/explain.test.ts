import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { Payment, Wallet } from '../../../server/contract/entities.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { isIncluded } from '../../../server/domain/audit/merkle-tree.ts'
import { leafHash } from '../../../server/domain/audit/trail.ts'
import { findUnscreened, rescreen } from '../../../server/domain/transactions/rescreen.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { approved, publication, staged, takeOff } from '../../support/lists.ts'
import { person } from '../../support/people.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { sealAll } from '../../support/seal.ts'
import { testWorld, type World } from '../../support/world.ts'
import { expectRefusal } from '../approvals/support/wishes.ts'

let world: World
let wallet: Wallet
beforeAll(async () => {
  world = await testWorld({ workers: false, attestations: true })
  wallet = await world.wallet()
})
afterAll(() => world[Symbol.asyncDispose]())

const explain = (decisionId: string) => world.client.decisions.explain.query({ decisionId })

async function pay(walletId: string): Promise<Payment> {
  const { id: paywallId } = await world.paywall({ price: 5n })
  return world.client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
}

const refused = async (walletId: string): Promise<string> => {
  const refusal = await pay(walletId).then(() => expect.unreachable('it was accepted'), errorOf)
  expect(refusal.code).toBe('REFUSED_BY_COMPLIANCE')
  return String(refusal.details.decisionId)
}

const small = (above = 1_000n): Rule => ({ rule: 'threshold', assetId: world.assetId, above, otherwise: 'review' })

test('a refusal is explained by the rules, the policy and the very entry of then, also when none of them is in force any more', async () => {
  const { name: list } = await world.client.lists.create.mutate({ name: 'ofac', kind: 'sanctions' })
  const { id: importId, hash } = await staged(world, list, [wallet.address])
  await approved(world, await publication(world, { id: importId }), await officerOf(world))
  const policy = await publish(world, small())
  const decisionId = await refused(wallet.id)
  const explained = await explain(decisionId)

  expect(explained).toMatchObject({
    decision: { id: decisionId, outcome: 'deny', subject: { payer: wallet.address, amount: '5' } },
    asset: { id: world.assetId, symbol: 'USDC' },
    paymentId: null,
    policy: { id: policy.id, version: policy.version, rules: [small()] },
    decidedBy: 1,
    repeated: 'same',
    commitment: { holds: true },
    audit: { agrees: true, seal: null, leaf: { stream: decisionId, sequence: 1n } },
  })
  expect(explained.checks).toMatchObject([
    { rule: 'deny-list', outcome: 'allow', asked: null, entries: [], repeated: true },
    {
      ...{ rule: 'sanctions', outcome: 'deny', code: 'SANCTIONED', remedy: expect.any(String), list },
      entries: [
        { list, kind: 'sanctions', subject: wallet.address, reason: 'named in a file', import: { id: importId, hash } },
      ],
      repeated: true,
    },
    { rule: 'threshold', outcome: 'allow', asked: small(), entries: [], repeated: true },
  ])
  for (const said of [
    ...['was denied on', 'by the rule sanctions (SANCTIONED)', `version ${policy.version} (${policy.id})`],
    ...[`the sanctions list "${list}"`, `the import ${importId} with the hash ${hash}`, 'Reason: named in a file'],
    ...['What would satisfy it: Use another payer', 'every rule says the same', 'not sealed yet', wallet.address],
  ])
    expect(explained.text).toContain(said)
  const { commitment } = explained.decision
  expect(createHash('sha256').update(explained.commitment!.bytes).digest('hex')).toBe(commitment)

  await takeOff(world, explained.checks[1]!.entries[0]!.id)
  await publish(world, small(1n))
  const { root, size } = await sealAll(world)
  const later = await explain(decisionId)
  expect(later).toMatchObject({
    ...{ decision: explained.decision, decidedBy: 1, repeated: 'same' },
    policy: { state: 'retired', rules: [small()] },
    checks: [{}, { entries: [{ removedAt: expect.any(Date) }] }, {}],
  })
  expect(later.text).toContain('taken off on')
  const { leaf, seal } = later.audit!
  const path = seal!.path.map((hash) => Buffer.from(hash, 'hex'))
  expect(
    isIncluded(leafHash(Buffer.from(leaf.body)), seal!.index, { size, root: Buffer.from(root, 'hex') }, path),
  ).toBe(true)
  expect(later.text).toContain(`proven by checkpoint ${seal!.checkpoint.number}`)
})

test('an entry that came later, and one whose time was over, are no part of an explanation', async () => {
  const other = await world.wallet()
  await publish(world)
  const { decisionId } = await pay(other.id)
  await world.client.lists.add.mutate({ list: 'fraud', address: other.address, reason: 'found out later' })
  const explained = await explain(decisionId)
  expect(explained).toMatchObject({ decision: { outcome: 'allow' }, repeated: 'same' })
  expect(explained.checks.flatMap(({ entries }) => entries)).toEqual([])
  expect(explained.text).not.toContain('found out later')
  const denied = await explain(await refused(other.id))
  expect(denied.checks[0]!.entries).toMatchObject([{ reason: 'found out later', import: null }])
})

test('what was accepted is proven by the record of its payment; what rests on attestations is not asked again', async () => {
  const other = await world.wallet()
  await world.chainsettle().attest(other.address)
  await publish(
    world,
    { rule: 'kyc', parties: ['payer'], level: 2, maxAgeDays: null, otherwise: 'deny', unanswered: 'deny' },
    { rule: 'limit', per: 'wallet', assetId: world.assetId, windowSeconds: 60, count: 9, sum: null, otherwise: 'deny' },
    small(),
  )
  const payment = await pay(other.id)
  const explained = await explain(payment.decisionId)
  expect(explained).toMatchObject({
    ...{ paymentId: payment.id, repeated: 'in_part', commitment: { holds: true } },
    audit: { agrees: true, leaf: { stream: payment.id } },
  })
  expect(explained.checks.map(({ rule, repeated }) => [rule, repeated])).toEqual([
    ...[['deny-list', true] as const, ['sanctions', true] as const],
    ...[['kyc', null] as const, ['limit', null] as const, ['threshold', true] as const],
  ])
  expect(explained.checks[2]!.evidence).toMatch(/^chainsettle:/)
  expect(explained.text).toContain(`It rests on ${explained.checks[2]!.evidence}`)
  expect(explained.text).toContain('but for kyc, limit')
})

test('a payment that was refused while it waited is explained by the rules that are asked again', async () => {
  const other = await world.wallet()
  await publish(world, small(), { rule: 'velocity', count: 9, windowSeconds: 60, otherwise: 'deny' })
  const payment = await pay(other.id)
  await world.client.lists.add.mutate({ list: 'fraud', address: other.address, reason: 'reported' })
  const { services } = world.built
  await rescreen(services, await findUnscreened(services, 0, 100))
  const { failure } = await world.client.payments.get.query({ paymentId: payment.id })
  const explained = await explain(failure!.refusal!.decisionId)
  expect(explained).toMatchObject({ decidedBy: 0, repeated: 'same', audit: { agrees: true }, paymentId: null })
  expect(explained.checks).toMatchObject([
    { rule: 'deny-list', entries: [{ reason: 'reported' }] },
    { rule: 'sanctions' },
  ])
})

test.each([
  ['its outcome', `update decision set outcome = 'allow' where id = $1`, { repeated: 'different' }],
  [
    'a result',
    `update decision set checks = jsonb_set(checks, '{0,outcome}', '"allow"') where id = $1`,
    { repeated: 'different', audit: { agrees: false } },
  ],
  [
    'a rule that is left out',
    'update decision set checks = checks - 1 where id = $1',
    { repeated: 'different', audit: { agrees: false } },
  ],
  [
    'its subject',
    `update decision set subject = subject || '{"amount":"7"}' where id = $1`,
    { commitment: { holds: false }, audit: { agrees: false } },
  ],
  [
    'its time',
    `update decision set created_at = created_at + interval '1 hour' where id = $1`,
    { commitment: { holds: false } },
  ],
  [
    'its version',
    'update decision set list_version = 0 where id = $1',
    { repeated: 'different', audit: { agrees: false } },
  ],
])('a decision that was tampered with shows it: %s', async (_, tampering, shows) => {
  const other = await world.wallet()
  await publish(world)
  await world.client.lists.add.mutate({ list: 'fraud', address: other.address, reason: 'reported' })
  const decisionId = await refused(other.id)
  expect(await explain(decisionId)).toMatchObject({
    repeated: 'same',
    commitment: { holds: true },
    audit: { agrees: true },
  })
  await withAdmin(world.database.adminUrl, (admin) => admin.query(tampering, [decisionId]))
  const explained = await explain(decisionId)
  expect(explained).toMatchObject(shows)
  expect(explained.text).toMatch(/Run provider audit verify|run provider audit verify|is NOT the SHA-256/)
})

test('who pays is told what the refusal says, and no more: neither the explanation nor what an officer noted', async () => {
  const [payer, officer] = [await person(world), await officerOf(world)]
  const { id: paywallId } = await world.paywall({ price: 5n })
  await publish(world, small(1n))
  const funded = await world.wallet()
  await world.client.wallets.link.mutate({ walletId: funded.id, userId: payer.userId })
  const wish = { paywallId, walletId: funded.id, idempotencyKey: randomUUID() }
  const held = (await payer.mutate('payments.create', wish)).data as Payment
  expect(held.state).toBe('held')
  const { items } = await world.client.reviews.list.query({ limit: 100 })
  const review = items.find(({ paymentId }) => paymentId === held.id)!
  const note = 'looks like the brother of somebody we watch'
  const decided = await officer.mutate('reviews.decide', { reviewId: review.id, verdict: 'denied', note })
  expect(decided.status).toBe(200)

  expectRefusal(await payer.query('decisions.explain', { decisionId: held.decisionId }), 'FORBIDDEN')
  const seen = await payer.query('payments.get', { paymentId: held.id })
  expect(seen.data).toMatchObject({ state: 'refused', failure: { refusal: { checks: [{ rule: 'threshold' }] } } })
  const explained = await officer.query('decisions.explain', { decisionId: held.decisionId })
  expect(explained.data).toMatchObject({ paymentId: held.id, repeated: 'same' })
  expect(seen.text + explained.text).not.toContain(note)
})
