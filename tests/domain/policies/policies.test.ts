import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import type { Paywall, Wallet } from '../../../server/contract/entities.ts'
import type { Policy, Rule } from '../../../server/contract/policies.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { type Instance, instance } from '../../http/support/instance.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { approved } from '../../support/lists.ts'
import { person } from '../../support/people.ts'
import { officerOf, publish } from '../../support/policies.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'
import { dataOf, expectRefusal, type Requested, trailOf } from '../approvals/support/wishes.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const nobody: Rule = { rule: 'recipients', allowed: [], otherwise: 'deny' }
const anybody: Rule = { rule: 'velocity', count: 1_000_000, windowSeconds: 1, otherwise: 'deny' }

const draft = (of: World, ...rules: Rule[]) => of.client.policies.draft.mutate({ rules, idempotencyKey: randomUUID() })
const request = (of: World, { id: policyId }: Pick<Policy, 'id'>) =>
  of.client.policies.publish.mutate({ policyId, reason: 'for a test', idempotencyKey: randomUUID() })
const get = (of: World, { id: policyId }: Pick<Policy, 'id'>) => of.client.policies.get.query({ policyId })
const published = async (of: World) => (await of.client.policies.list.query({ state: 'published' })).items

async function purchase(of: World): Promise<{ paywall: Paywall; wallet: Wallet; pay: () => Promise<string> }> {
  const [paywall, wallet] = await Promise.all([of.paywall(), of.wallet()])
  const pay = () =>
    of.client.payments.create.mutate({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }).then(
      ({ state }) => state,
      (error) => errorOf(error).code,
    )
  return { paywall, wallet, pay }
}

test('a draft holds for nothing; asked for it still does not; approved by another person it does, and what was before is retired', async () => {
  const { pay } = await purchase(world)
  const first = await publish(world, anybody)
  expect(first).toMatchObject({ version: 1, state: 'published', publishedAt: expect.any(Date) })
  const second = await draft(world, nobody)
  expect(second).toMatchObject({ version: 2, state: 'draft', publishedAt: null, rules: [nobody], replayed: false })
  expect(await pay()).toBe('accepted')
  const approval = await request(world, second)
  expect(await pay()).toBe('accepted')
  expect((await published(world)).map(({ id }) => id)).toEqual([first.id])

  await approved(world, approval, await officerOf(world))
  expect(await pay()).toBe('REFUSED_BY_COMPLIANCE')
  expect((await published(world)).map(({ id }) => id)).toEqual([second.id])
  expect(await get(world, first)).toMatchObject({ state: 'retired' })
  expect((await trailOf(world, first.id)).map(({ action }) => action)).toEqual([
    'policy.drafted',
    'policy.published',
    'policy.retired',
  ])
  const [, publication] = await trailOf(world, second.id)
  expect(publication).toMatchObject({ action: 'policy.published', data: { approval: approval.id, version: 2 } })
  const third = await publish(world, anybody)
  expect(third.version).toBe(3)
  expect(await pay()).toBe('accepted')
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})

test('an officer does not approve what they asked for; another does', async () => {
  const [one, other] = [await person(world, { roles: ['officer'] }), await officerOf(world)]
  const drafted = dataOf<Policy>(await one.mutate('policies.draft', { rules: [anybody], idempotencyKey: randomUUID() }))
  const wish = { policyId: drafted.id, reason: 'mine', idempotencyKey: randomUUID() }
  const approval = dataOf<Requested>(await one.mutate('policies.publish', wish))
  expectRefusal(await one.mutate('approvals.approve', { approvalId: approval.id }), 'NEEDS_ANOTHER_PERSON')
  expect((await get(world, drafted)).state).toBe('draft')
  dataOf(await other.mutate('approvals.reject', { approvalId: approval.id, note: 'not yet' }))
  expect((await get(world, drafted)).state).toBe('draft')
  await approved(world, await request(world, drafted), other)
  expect((await get(world, drafted)).state).toBe('published')
})

test('what is published or retired is not published again', async () => {
  const before = await publish(world, anybody)
  const now = await publish(world, anybody)
  for (const policy of [before, now])
    expect(await request(world, policy).catch(errorOf)).toMatchObject({ code: 'NOTHING_TO_CHANGE' })
  expect(await request(world, { id: randomUUID() }).catch(errorOf)).toMatchObject({ code: 'NOT_FOUND' })
})

test('every kind of rule is kept as it was said, whatever its amounts', async () => {
  const { assetId } = world
  await world.client.lists.create.mutate({ name: 'members', kind: 'allow' })
  const rules: Rule[] = [
    { rule: 'allow-list', list: 'members', parties: ['payer', 'recipient'], otherwise: 'review' },
    { rule: 'kyc', parties: ['payer'], level: 3, maxAgeDays: 30, otherwise: 'deny', unanswered: 'review' },
    { rule: 'jurisdiction', parties: ['payer'], allowed: null, blocked: ['KP'], otherwise: 'deny', unanswered: 'deny' },
    { rule: 'threshold', assetId, above: 2n ** 256n - 1n, otherwise: 'review' },
    { rule: 'limit', per: 'app', assetId, windowSeconds: 60, count: 5, sum: 10n ** 70n, otherwise: 'deny' },
    { rule: 'limit', per: 'wallet', assetId, windowSeconds: 60, count: 0, sum: null, otherwise: 'review' },
    anybody,
    { rule: 'recipients', allowed: ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'], otherwise: 'deny' },
    { rule: 'assets', allowed: [assetId], otherwise: 'deny' },
  ]
  const { id } = await draft(world, ...rules)
  expect((await get(world, { id })).rules).toEqual(rules)
  const [drafted] = await trailOf(world, id)
  expect(drafted!.data).toMatchObject({ rules: expect.arrayContaining([expect.objectContaining({ rule: 'kyc' })]) })
})

test('a rule about an asset that there is not is refused', async () => {
  for (const rule of [
    { rule: 'threshold', assetId: randomUUID(), above: 1n, otherwise: 'deny' },
    { rule: 'assets', allowed: [world.assetId, randomUUID()], otherwise: 'deny' },
  ] as Rule[])
    expect(await draft(world, rule).catch(errorOf)).toMatchObject({ code: 'NOT_FOUND' })
})

test("a rule about a list that there is not, is no allow list or is another app's is refused, when drafted and when published", async () => {
  const { client } = await world.stranger()
  await client.lists.create.mutate({ name: 'their-partners', kind: 'allow' })
  await world.client.lists.create.mutate({ name: 'villains', kind: 'deny' })
  await world.client.lists.create.mutate({ name: 'partners', kind: 'allow' })
  const on = (list: string): Rule => ({ rule: 'allow-list', list, parties: ['payer'], otherwise: 'deny' })
  for (const list of ['nowhere', 'their-partners', 'villains'])
    expect(await draft(world, on('partners'), on(list)).catch(errorOf)).toMatchObject({
      code: 'NOT_FOUND',
      details: { lists: [list] },
      message: expect.stringMatching(`no allow list "${list}".*lists.create`),
    })

  // as one that was drafted before lists were looked for
  const drafted = await draft(world, on('partners'))
  const approval = await request(world, drafted)
  const rename = (name: string) =>
    withAdmin(world.database.adminUrl, (admin) =>
      admin.query(`update policy set rules = jsonb_set(rules, '{0,list}', to_jsonb($1::text)) where id = $2`, [
        name,
        drafted.id,
      ]),
    )
  await rename('villains')
  expect(await request(world, drafted).catch(errorOf)).toMatchObject({ code: 'NOT_FOUND' })
  const officer = await officerOf(world)
  expectRefusal(await officer.mutate('approvals.approve', { approvalId: approval.id }), 'NOT_FOUND')
  expect((await get(world, drafted)).state).toBe('draft')
  await rename('partners')
  await approved(world, approval, officer)
  expect((await get(world, drafted)).state).toBe('published')
  await publish(world, anybody)
})

test('one key drafts one version, also of many at once; drafts at the same time have versions of their own', async () => {
  const { client } = await world.stranger()
  const key = randomUUID()
  const same = await Promise.all(
    Array.from({ length: 10 }, () => client.policies.draft.mutate({ rules: [anybody], idempotencyKey: key })),
  )
  expect(new Set(same.map(({ id }) => id)).size).toBe(1)
  expect(same.filter(({ replayed }) => !replayed)).toHaveLength(1)
  const many = await Promise.all(
    Array.from({ length: 20 }, () => client.policies.draft.mutate({ rules: [anybody], idempotencyKey: randomUUID() })),
  )
  expect(many.map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2))
})

test('of versions that are approved at the same time one is in force, and the others were or are not', async () => {
  const drafts = await Promise.all(Array.from({ length: 4 }, () => draft(world, anybody)))
  const approvals = await Promise.all(drafts.map((one) => request(world, one)))
  const officer = await officerOf(world)
  await Promise.all(approvals.map((approval) => approved(world, approval, officer)))
  const states = (await Promise.all(drafts.map((one) => get(world, one)))).map(({ state }) => state)
  expect(states.toSorted()).toEqual(['published', 'retired', 'retired', 'retired'])
  expect(await published(world)).toHaveLength(1)
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})

test('the database has one version in force for each app, whatever the code does', async () => {
  const drafted = await draft(world, anybody)
  const write = world.built.services.db
    .updateTable('policy')
    .set({ state: 'published' })
    .where('id', '=', drafted.id)
    .execute()
  await expect(write).rejects.toMatchObject({ code: '23505', constraint: 'policy_in_force' })
})

/** Rounds of the race; each publishes twice. */
const ROUNDS = process.env.SOAK ? 100 : 6

test('a policy that is published while payments are being made: from its commit on none passes on the one before', {
  timeout: process.env.SOAK ? 600_000 : 60_000,
}, async () => {
  await using own = await testWorld({ workers: false })
  const two: Instance[] = [await instance(own), await instance(own)]
  const clients = two.map(({ url }) => createClient({ url, apiKey: own.apiKey }))
  const [paywall, wallet] = [await own.paywall({ price: 1n }), await own.wallet(USDC)]
  const open = { now: true }
  /** When each call began, and what became of it. */
  const calls: { began: number; answer: string; policyVersion: number | null }[] = []
  const payers = clients.flatMap((client) =>
    Array.from({ length: 4 }, async () => {
      while (open.now) {
        const began = performance.now()
        const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
        const answer = await client.payments.create.mutate(purchase).catch(errorOf)
        if ('state' in answer) {
          const { policyVersion } = await own.client.decisions.get.query({ decisionId: answer.decisionId })
          calls.push({ began, answer: answer.state, policyVersion })
        } else calls.push({ began, answer: answer.code, policyVersion: null })
      }
    }),
  )
  /** Versions, and when it was known that they are in force. */
  const changes: { version: number; done: number; allows: boolean }[] = []
  const change = async (allows: boolean) => {
    const { version, ...rest } = await draft(own, allows ? anybody : nobody)
    const approval = await request(own, rest)
    await approved(own, approval, await officerOf(own))
    changes.push({ version, done: performance.now(), allows })
  }
  for (let round = 0; round < ROUNDS; round++) {
    await change(true)
    await change(false)
  }
  open.now = false
  await Promise.all(payers)
  for (const one of two) await one[Symbol.asyncDispose]()

  expect(calls.length).toBeGreaterThan(20)
  for (const { began, answer, policyVersion } of calls) {
    const inForce = changes.findLast(({ done }) => done < began)
    if (answer === 'accepted') {
      const made = changes.find(({ version }) => version === policyVersion)
      if (policyVersion !== 0) expect(made?.allows).toBe(true)
      // what was in force when the call began, or came after: never what was before
      if (inForce) expect(policyVersion).toBeGreaterThanOrEqual(inForce.version)
    } else expect(['REFUSED_BY_COMPLIANCE', 'CONFLICT']).toContain(answer)
  }
  expect((await verifyTrails(own.built.services.db)).faults).toEqual([])
})
