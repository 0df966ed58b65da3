import { createHash, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Address, Check, Paywall, Wallet } from '../../../server/contract/entities.ts'
import { approve } from '../../../server/domain/approvals/approve.ts'
import { requestApproval } from '../../../server/domain/approvals/request-approval.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { checkCompliance } from '../../../server/domain/compliance/check.ts'
import { decide } from '../../../server/domain/compliance/decide.ts'
import { explainDecision } from '../../../server/domain/compliance/explain-decision.ts'
import { type FactsRead, factsReader } from '../../../server/domain/compliance/facts.ts'
import { getDecision } from '../../../server/domain/compliance/get-decision.ts'
import type { Question } from '../../../server/domain/compliance/question.ts'
import { meterReader } from '../../../server/domain/compliance/read-meters.ts'
import { standings } from '../../../server/domain/compliance/standing.ts'
import { DomainError } from '../../../server/domain/domain-error.ts'
import { addListEntry } from '../../../server/domain/lists/add-list-entry.ts'
import { createPayment } from '../../../server/domain/payments/create-payment.ts'
import { quotePayment } from '../../../server/domain/payments/quote-payment.ts'
import { draftPolicy } from '../../../server/domain/policies/draft-policy.ts'
import { getPolicy } from '../../../server/domain/policies/get-policy.ts'
import type { AppPrincipal, UserPrincipal } from '../../../server/domain/principal.ts'
import type { AttestationProvider, ComplianceAttestation } from '../../../server/gateways/attestations.ts'
import type { Services } from '../../../server/services.ts'
import { seededRandom } from '../../bench/statistics.ts'
import { anotherToken } from '../../http/support/inputs.ts'
import { approvalOf, approved } from '../../support/lists.ts'
import { officerOf } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'
import { usersOf } from '../approvals/support/wishes.ts'
import { type Draws, drawsOf, randomAttestations, randomRules } from './support/random-policy.ts'

const RUNS = process.env.SOAK ? 2_000 : 100
const PRICE = 100

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Attestations in memory; who is in `silent` is not answered about. */
function memory() {
  const known = new Map<Address, ComplianceAttestation[]>()
  const silent = new Set<Address>()
  const provider: AttestationProvider = {
    name: 'chainsettle',
    ping: async () => {},
    async attestationsOf({ address }) {
      if (silent.has(address)) throw new Error('silent')
      return known.get(address) ?? []
    },
  }
  return { known, silent, provider }
}

/** The world's services, with a clock of the test's, attestations in memory, and whatever facts were read. */
function observed(now: () => Date) {
  const { services } = world.built
  const { provider, known, silent } = memory()
  const log = { ...services.log, warn: () => {} } as unknown as Services['log']
  const asked = standings({ providers: [provider], clock: { now }, log, deadline: 1_000, keep: 0 })
  const readFacts = factsReader({
    db: services.db,
    findListed: services.findListed,
    standings: asked,
    readMeter: meterReader(services.db),
  })
  const read: { question: Question; facts: FactsRead }[] = []
  const own: Services = {
    ...services,
    clock: { now },
    // what a wallet holds is no matter of compliance
    balances: { ...services.balances, atLeast: async () => 10n ** 30n },
    async readFacts(appId, question) {
      const facts = await readFacts(appId, question)
      read.push({ question, facts })
      return facts
    },
  }
  return { services: own, known, silent, read }
}

interface Stage {
  paywalls: Paywall[]
  wallets: { wallet: Wallet; owner: UserPrincipal | null }[]
  assetIds: string[]
  recipients: Address[]
  officers: [UserPrincipal, UserPrincipal]
}

async function setStage(draws: Draws): Promise<Stage> {
  const { client, operator } = world
  const other = await operator.assets.register.mutate({
    chainId: world.chain.chainId,
    address: await anotherToken(world),
  })
  const assetIds = [world.assetId, other.id]
  const recipients = Array.from({ length: 6 }, (_, n) => `0x${String(n + 1).repeat(40)}` as Address)
  const paywalls = await Promise.all(
    Array.from({ length: 24 }, () =>
      client.paywalls.create.mutate({
        title: 'One of many',
        assetId: draws.one(assetIds),
        price: BigInt(1 + draws.number(PRICE)),
        recipient: draws.one(recipients),
        idempotencyKey: randomUUID(),
      }),
    ),
  )
  const owners = await usersOf(world, 3)
  const wallets = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const owner = owners[n] ?? null
      const wallet = await world.wallet(0n)
      if (owner) await client.wallets.link.mutate({ walletId: wallet.id, userId: owner.userId })
      return { wallet, owner }
    }),
  )
  const subjects = [
    ...wallets.slice(0, 4).map(({ wallet }) => ({ address: wallet.address })),
    { userId: owners[1]!.userId },
    { walletId: wallets[5]!.wallet.id },
    ...recipients.slice(0, 4).map((address) => ({ address })),
  ]
  const officer = await officerOf(world)
  await client.lists.create.mutate({ name: 'ofac', kind: 'sanctions' })
  for (const name of ['members', 'partners']) {
    await client.lists.create.mutate({ name, kind: 'allow' })
    for (const subject of draws.some(subjects))
      await approved(
        world,
        approvalOf(await client.lists.add.mutate({ list: name, reason: 'known', ...subject })),
        officer,
      )
  }
  const officers = (await usersOf(world, 2, 'officer')) as [UserPrincipal, UserPrincipal]
  return { paywalls, wallets, assetIds, recipients, officers }
}

/** Puts rules in force by the verbs that officers use. */
async function enforce(services: Services, [one, other]: Stage['officers'], rules: ReturnType<typeof randomRules>) {
  const { id: policyId } = await draftPolicy(services, one, { rules, idempotencyKey: randomUUID() })
  const wish = {
    appId: world.appId,
    action: { type: 'policy.publish' as const, policyId },
    reason: 'for a run',
    idempotencyKey: randomUUID(),
  }
  const { id: approvalId } = await requestApproval(services, one, wish, 'policies.publish')
  await approve(services, other, { approvalId, note: null })
}

const objections = (checks: readonly Check[]) => checks.filter(({ outcome }) => outcome !== 'allow')

const sha256 = (value: unknown) => createHash('sha256').update(canonicalize(value)!).digest('hex')

test(`the dry run, the quote and the real call agree, and what is stored can be decided again: ${RUNS} random policies and subjects`, {
  timeout: process.env.SOAK ? 1_800_000 : 120_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`agreement: seed ${seed} (SEED=${seed} repeats it)`)
  const draws = drawsOf(seededRandom(seed))
  const stage = await setStage(draws)
  let now = new Date()
  const { services, known, silent, read } = observed(() => now)
  const server: AppPrincipal = { kind: 'service', keyId: randomUUID(), appId: world.appId, scopes: null }
  const tally = new Map<string, number>()
  const isSoak = RUNS > 1_000

  for (let run = 0; run < RUNS; run++) {
    now = new Date(now.getTime() + draws.number(draws.chance(0.2) ? 7_200_000 : 5_000))
    // in the short run a policy stays for a few payments; its limits fill either way
    if (isSoak || run % 3 === 0 || draws.chance(0.3))
      await enforce(
        services,
        stage.officers,
        randomRules(draws, { ...stage, lists: ['members', 'partners'], price: PRICE }),
      )
    const { wallet, owner } = draws.one(stage.wallets)
    const paywall = draws.one(stage.paywalls)
    for (const address of [wallet.address, paywall.recipient]) {
      known.set(address, randomAttestations(draws, address, now))
      silent[draws.chance(0.1) ? 'add' : 'delete'](address)
    }
    if (draws.chance(0.12)) {
      const subject = draws.one([
        { address: wallet.address },
        { address: paywall.recipient },
        { walletId: wallet.id },
        ...(owner ? [{ userId: owner.userId }] : []),
      ])
      const list = draws.chance(0.3) ? 'ofac' : `deny-${draws.number(40)}`
      const validUntil = new Date(now.getTime() + 1 + draws.number(60_000))
      const entry = { list, reason: 'drawn', source: 'a test', validFrom: null, validUntil }
      await addListEntry(services, server, { ...entry, ...subject }).catch((error) => {
        if (!(error instanceof DomainError)) throw error
      })
    }

    const who = owner && draws.chance(0.5) ? owner : server
    const purchase = { paywallId: paywall.id, walletId: wallet.id }
    const { recipient, assetId, price: amount } = paywall
    read.length = 0
    const check = await checkCompliance(services, who, { walletId: wallet.id, recipient, assetId, amount })
    const quote = await quotePayment(services, who, purchase)
    const answer = await createPayment(services, who, { ...purchase, idempotencyKey: randomUUID() }).catch((error) => {
      if (error instanceof DomainError && error.code === 'REFUSED_BY_COMPLIANCE') return error
      throw error
    })

    const context = `run ${run} of seed ${seed}`
    expect(quote.outcome, context).toBe(check.outcome)
    expect(quote.checks, context).toEqual(check.checks)
    const decisionId = answer instanceof DomainError ? (answer.details!.decisionId as string) : answer.decisionId
    const said = answer instanceof DomainError ? 'deny' : answer.state === 'held' ? 'review' : 'allow'
    expect(said, context).toBe(check.outcome)
    if (answer instanceof DomainError)
      expect(answer.details, context).toMatchObject({
        checks: objections(check.checks),
        listVersion: String(check.listVersion),
        policyVersion: check.policyVersion,
      })
    const stored = await getDecision(services, server, { decisionId })
    const { outcome, checks, listVersion, policyVersion } = stored
    expect({ outcome, checks, listVersion, policyVersion }, context).toEqual(check)

    // from the stored subject, the stored version of the policy, and the facts of then
    const { facts, question } = read.at(-1)!
    const { payer, wallet: walletId, user, asset, ...rest } = stored.subject
    const again: Question = {
      action: 'payment',
      parties: { payer: payer as Address, recipient: rest.recipient as Address },
      walletId: walletId!,
      userId: user ?? null,
      assetId: asset!,
      amount: BigInt(rest.amount!),
      at: stored.createdAt,
    }
    expect(again, context).toEqual(question)
    const { policy_id: policyId } = await services.db
      .selectFrom('decision')
      .select('policy_id')
      .where('id', '=', decisionId)
      .executeTakeFirstOrThrow()
    const policy = await getPolicy(services, server, { policyId: policyId! })
    expect(policy.version, context).toBe(policyVersion)
    expect(decide(again, { ...facts, policy: { ...facts.policy, rules: policy.rules } }), context).toEqual({
      outcome,
      checks,
    })
    const commitment = sha256({ action: 'payment', at: stored.createdAt.toISOString(), ...stored.subject })
    expect(stored.commitment, context).toBe(commitment)
    const explained = await explainDecision(services, server, { decisionId })
    expect(explained, context).toMatchObject({ commitment: { holds: true }, audit: { agrees: true } })
    expect(explained.repeated, context).not.toBe('different')
    for (const { code } of [...checks, { code: outcome }]) tally.set(code, (tally.get(code) ?? 0) + 1)
  }

  console.log(`agreement: ${[...tally].map(([code, count]) => `${code} ${count}`).join(', ')}`)
  // what was drawn says something of everything
  for (const outcome of ['allow', 'review', 'deny']) expect(tally.get(outcome)).toBeGreaterThan(RUNS / 20)
  expect(tally.size).toBeGreaterThan(isSoak ? 30 : 20)
  expect((await verifyTrails(services.db)).faults).toEqual([])
})
