import { randomUUID } from 'node:crypto'
import { toHex } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import type { FaultMode, SubjectToAttest } from '../../../sandbox/chainsettle/control.ts'
import { issuer, registries } from '../../../sandbox/chainsettle/deploy-registries.ts'
import { levels } from '../../../sandbox/chainsettle/options.ts'
import { attest, revoke, schemas } from '../../../sandbox/eas/attest.ts'
import { attester, deployEas, easContracts } from '../../../sandbox/eas/deploy-eas.ts'
import type { Address, Check, Paywall, Wallet } from '../../../server/contract/entities.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { type NodeDoor, type NodeFault, nodeDoor } from '../../gateways/attestations/node-door.ts'
import { type Instance, instance } from '../../http/support/instance.ts'
import { publish } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'

/** The chain of the registries, by its own word: the world's, behind a door that may be shut while payments go on. */
const CHAIN = 84_532
const stranger = '0x000000000000000000000000000000000000bEEF'

let world: World
let door: NodeDoor
let paywall: Paywall
let keen: Instance
beforeAll(async () => {
  world = await testWorld({ workers: false, attestations: true })
  door = await nodeDoor(world.chain.url)
  door.rewrite = ({ method }, result) => (method === 'eth_chainId' ? toHex(CHAIN) : result)
  paywall = await world.paywall({ price: 5n })
  keen = await service()
})
afterAll(async () => {
  await keen[Symbol.asyncDispose]()
  await door[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})
beforeEach(async () => {
  door.fault = null
  await world.chainsettle().reset()
})

/** A service that keeps no answer, and waits for one no longer than it must. */
const service = (setting: object = {}, others: Record<string, string> = {}, ahead = 0): Promise<Instance> => {
  const { confirmations = 1, ...rest } = setting as { confirmations?: number }
  return instance(
    world,
    {
      CHAINS: JSON.stringify([
        { chainId: world.chain.chainId, rpcUrl: world.chain.url },
        { chainId: CHAIN, rpcUrl: door.url },
      ]),
      CHAINSETTLE: JSON.stringify({
        baseUrl: world.chainsettle().url,
        registries: [{ chainId: CHAIN, docusign: registries.docusign, confirmations }],
        issuers: [issuer],
        levels,
        ...rest,
      }),
      ATTESTATION_KEEP_MS: '1',
      ATTESTATION_DEADLINE_MS: '700',
      ...others,
    },
    { clock: { now: () => new Date(Date.now() + ahead) } },
  )
}

const known = (patch: Partial<Extract<Rule, { rule: 'kyc' }>> = {}): Rule => ({
  rule: 'kyc',
  parties: ['payer'],
  level: 2,
  maxAgeDays: null,
  otherwise: 'deny',
  unanswered: 'review',
  ...patch,
})
const place = (patch: Partial<Extract<Rule, { rule: 'jurisdiction' }>> = {}): Rule => ({
  rule: 'jurisdiction',
  parties: ['payer'],
  allowed: ['US', 'GB'],
  blocked: ['NG'],
  otherwise: 'deny',
  unanswered: 'review',
  ...patch,
})

const states = { allow: 'accepted', review: 'held', deny: 'REFUSED_BY_COMPLIANCE' } as const

/** Pays, and expects the outcome and the code of the policy's rule: from the quote, the dry run and the real call alike. */
async function expectOutcome(wallet: Wallet, outcome: Check['outcome'], code: string, at = keen): Promise<Check> {
  const client = createClient({ url: at.url, apiKey: world.apiKey })
  const purchase = { paywallId: paywall.id, walletId: wallet.id }
  const intent = { walletId: wallet.id, recipient: paywall.recipient, assetId: paywall.assetId, amount: paywall.price }
  const [quote, check] = await Promise.all([
    client.payments.quote.query(purchase),
    client.compliance.check.query(intent),
  ])
  const answer = await client.payments.create.mutate({ ...purchase, idempotencyKey: randomUUID() }).catch(errorOf)
  expect('state' in answer ? answer.state : answer.code).toBe(states[outcome])

  const stored =
    'state' in answer
      ? (await client.decisions.get.query({ decisionId: answer.decisionId })).checks
      : (answer.details.checks as Check[])
  const ofPolicy = stored.filter(({ rule }) => rule === 'kyc' || rule === 'jurisdiction')
  expect(ofPolicy).toMatchObject([{ outcome, code, remedy: outcome === 'allow' ? null : expect.any(String) }])
  for (const { outcome: told, checks } of [quote, check]) {
    expect(told).toBe(outcome)
    expect(checks.at(-1)).toEqual(ofPolicy[0])
  }
  return ofPolicy[0]!
}

/** A wallet about whose owner something was attested. */
async function attested(given: Partial<SubjectToAttest> = {}): Promise<{ wallet: Wallet; idHash: `0x${string}` }> {
  const wallet = await world.wallet()
  const idHash = await world.chainsettle().attest({ subject: wallet.address as Address, ...given })
  return { wallet, idHash }
}

describe('who somebody is', () => {
  beforeAll(() => publish(world, known()))

  test('verified, by a settlement that is final: what it rests on is told', async () => {
    const { wallet, idHash } = await attested()
    const { evidence } = await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT')
    expect(evidence).toBe(`chainsettle:eip155:${CHAIN}/${registries.docusign}/${idHash}`)
  })

  test.each<[string, Partial<SubjectToAttest>, string]>([
    ['to a lower level', { level: 1 }, 'KYC_LEVEL_TOO_LOW'],
    ['with a tag that means nothing here', { tag: 'a house' }, 'KYC_MISSING'],
    ['begun', { stage: 'initialized' }, 'KYC_MISSING'],
    ['attested, and not voted on', { stage: 'attested' }, 'KYC_MISSING'],
    ['proposed as confirmed, and not final', { stage: 'proposed' }, 'KYC_MISSING'],
    ['final, against the votes of the validators', { outvoted: true }, 'KYC_MISSING'],
    ['failed', { outcome: 'failed' }, 'KYC_MISSING'],
    ['by whoever is not an issuer', { sender: stranger }, 'KYC_MISSING'],
  ])('%s', async (_, given, code) => {
    const { wallet } = await attested(given)
    await expectOutcome(wallet, 'deny', code)
  })

  test('nobody has said anything', async () => {
    await expectOutcome(await world.wallet(), 'deny', 'KYC_MISSING')
  })

  test('failed, proposed anew as confirmed, and final at last', async () => {
    const { wallet, idHash } = await attested({ outcome: 'failed' })
    await expectOutcome(wallet, 'deny', 'KYC_MISSING')
    await world.chainsettle().propose(idHash, 'confirmed')
    await expectOutcome(wallet, 'deny', 'KYC_MISSING')
    await world.chainsettle().finalize(idHash)
    await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT')
  })

  test('not deep enough in its chain yet, and then deep enough', async () => {
    await using careful = await service({ confirmations: 4 })
    const { wallet } = await attested()
    await expectOutcome(wallet, 'deny', 'KYC_MISSING', careful)
    await rpc(world.chain.url, 'anvil_mine', [toHex(4)])
    await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT', careful)
  })

  test('past the time that a settlement is good for', async () => {
    const { wallet } = await attested()
    await using before = await service({ validitySeconds: 3_600 }, {}, 3_000_000)
    await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT', before)
    await using after = await service({ validitySeconds: 3_600 }, {}, 3_601_000)
    await expectOutcome(wallet, 'deny', 'KYC_MISSING', after)
  })

  test('the interface lies: what the chain says counts, and it is told', async () => {
    const [confirmed, pending] = [await attested(), await attested({ stage: 'attested' })]
    await world.chainsettle().contradict(confirmed.idHash, { status: 'failed', finalized: true })
    await world.chainsettle().contradict(pending.idHash, { status: 'confirmed', finalized: true })
    await expectOutcome(confirmed.wallet, 'allow', 'KYC_SUFFICIENT')
    await expectOutcome(pending.wallet, 'deny', 'KYC_MISSING')
    expect(keen.lines.some(({ msg }) => msg.includes('contradicts itself'))).toBe(true)
  })
})

const silences: FaultMode[] = ['down', 'hang', 'slow', 'error', 'bad-gateway', 'garbage', 'truncated', 'unknown-status']
const shut: NodeFault[] = ['down', 'hang', 'truncated', 'failing', 'refusing', 'reverting', 'empty', 'other-chain']

describe('who attests does not answer, and the policy says', () => {
  describe('review', () => {
    beforeAll(() => publish(world, known()))

    test.each(silences)('the interface: %s', async (mode) => {
      const { wallet } = await attested()
      await world.chainsettle().inject({ mode, delay: 2_000 })
      await expectOutcome(wallet, 'review', 'KYC_UNANSWERED')
    })

    test.each(shut)('the node of the chain: %s', async (fault) => {
      const { wallet } = await attested()
      door.fault = fault
      await expectOutcome(wallet, 'review', 'KYC_UNANSWERED')
    })

    test('for a moment only: asked again, it answers', async () => {
      const { wallet } = await attested()
      await world.chainsettle().inject({ mode: 'error' })
      await expectOutcome(wallet, 'review', 'KYC_UNANSWERED')
      await world.chainsettle().clear()
      await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT')
    })
  })

  test('deny', async () => {
    await publish(world, known({ unanswered: 'deny', otherwise: 'review' }))
    const { wallet } = await attested()
    await world.chainsettle().inject({ mode: 'down' })
    await expectOutcome(wallet, 'deny', 'KYC_UNANSWERED')
    await world.chainsettle().clear()
    await expectOutcome(await world.wallet(), 'review', 'KYC_MISSING')
  })
})

describe('where somebody is', () => {
  beforeAll(() => publish(world, place()))

  test.each<[string, Check['outcome'], string]>([
    ['us', 'allow', 'JURISDICTION_ALLOWED'],
    ['uk', 'allow', 'JURISDICTION_ALLOWED'],
    ['pa', 'deny', 'JURISDICTION_NOT_ALLOWED'],
    ['ng', 'deny', 'JURISDICTION_BLOCKED'],
    ['eu', 'review', 'JURISDICTION_UNKNOWN'],
    ['other', 'review', 'JURISDICTION_UNKNOWN'],
    ['', 'review', 'JURISDICTION_UNKNOWN'],
    ['atlantis', 'review', 'JURISDICTION_UNKNOWN'],
  ])('"%s"', async (jurisdiction, outcome, code) => {
    const { wallet } = await attested({ jurisdiction })
    await expectOutcome(wallet, outcome, code)
  })

  test('in two places, by two settlements', async () => {
    const { wallet } = await attested({ jurisdiction: 'us' })
    await world.chainsettle().attest({ subject: wallet.address, jurisdiction: 'uk' })
    await expectOutcome(wallet, 'review', 'JURISDICTION_UNKNOWN')
  })

  test('whoever says so does not answer', async () => {
    const { wallet } = await attested()
    await world.chainsettle().inject({ mode: 'rate-limited' })
    await expectOutcome(wallet, 'review', 'JURISDICTION_UNANSWERED')
    await publish(world, place({ unanswered: 'deny' }))
    await expectOutcome(wallet, 'deny', 'JURISDICTION_UNANSWERED')
  })
})

describe('two who attest', () => {
  let both: Instance
  beforeAll(async () => {
    await deployEas(world.chain.url)
    both = await service(
      {},
      {
        EAS: JSON.stringify({
          chainId: CHAIN,
          ...easContracts,
          attesters: [attester],
          schemas: [
            { field: 'bool verifiedAccount', uid: schemas['bool verifiedAccount'], kind: 'kyc', level: 2 },
            { field: 'string verifiedCountry', uid: schemas['string verifiedCountry'], basis: 'residence' },
          ],
        }),
      },
    )
  })
  afterAll(() => both[Symbol.asyncDispose]())

  test('either is enough to be known; revoked, it is not', async () => {
    await publish(world, known())
    const wallet = await world.wallet()
    await expectOutcome(wallet, 'deny', 'KYC_MISSING', both)
    const uid = await attest(world.chain.url, { recipient: wallet.address, said: { 'bool verifiedAccount': true } })
    const { evidence } = await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT', both)
    expect(evidence).toBe(`eas:eip155:${CHAIN}/${easContracts.eas}/${uid}`)
    await revoke(world.chain.url, { uid, schema: 'bool verifiedAccount' })
    await expectOutcome(wallet, 'deny', 'KYC_MISSING', both)
    await world.chainsettle().attest(wallet.address)
    await expectOutcome(wallet, 'allow', 'KYC_SUFFICIENT', both)
  })

  test('they contradict each other about where somebody is; one is silent', async () => {
    await publish(world, place())
    const { wallet } = await attested({ jurisdiction: 'us' })
    await expectOutcome(wallet, 'allow', 'JURISDICTION_ALLOWED', both)
    // the other may know better: silencing it lets nobody pass
    await world.chainsettle().inject({ mode: 'down' })
    await attest(world.chain.url, { recipient: wallet.address, said: { 'string verifiedCountry': 'GB' } })
    await expectOutcome(wallet, 'review', 'JURISDICTION_UNANSWERED', both)
    await world.chainsettle().clear()
    await expectOutcome(wallet, 'review', 'JURISDICTION_UNKNOWN', both)
  })

  test('readiness names each', async () => {
    const readiness = async () => {
      const response = await fetch(`${both.url}/health/ready`)
      const { checks } = (await response.json()) as { checks: { name: string; ready: boolean }[] }
      return checks.filter(({ name }) => name.startsWith('attestations')).map(({ name, ready }) => [name, ready])
    }
    expect(await readiness()).toEqual([
      ['attestations chainsettle', true],
      ['attestations eas', true],
    ])
    await world.chainsettle().inject({ mode: 'down' })
    expect(await readiness()).toEqual([
      ['attestations chainsettle', false],
      ['attestations eas', true],
    ])
  })
})
