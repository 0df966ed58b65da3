import fc from 'fast-check'
import { encodeAbiParameters, getAddress, toFunctionSelector, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startChain } from '../../../sandbox/chain/start-chain.ts'
import type { SubjectToAttest } from '../../../sandbox/chainsettle/control.ts'
import { controlOf } from '../../../sandbox/chainsettle/control.ts'
import { registries } from '../../../sandbox/chainsettle/deploy-registries.ts'
import { startChainsettle } from '../../../sandbox/chainsettle/start-chainsettle.ts'
import { createChainsettle } from '../../../server/gateways/chainsettle/create-chainsettle.ts'
import { statusOf } from '../../../server/gateways/chainsettle/to-attestation.ts'
import { unavailableOf } from '../attestations/unavailable.ts'
import { type ChainsettleWorld, chainId, chainsettleWorld, stranger } from './support/world.ts'

let world: ChainsettleWorld
beforeAll(async () => {
  world = await chainsettleWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(async () => {
  world.door.rewrite = null
  await world.control.reset()
})

const somebody = () => privateKeyToAddress(generatePrivateKey())
const patience = () => AbortSignal.timeout(10_000)
const read = (address: `0x${string}`, options?: Parameters<typeof world.connect>[0]) =>
  world.connect(options).attestationsOf({ address }, patience())

/** What the gateway makes of one settlement. */
async function readOne(given: Omit<SubjectToAttest, 'subject'>) {
  const subject = somebody()
  const idHash = await world.control.attest({ subject, ...given })
  const [attestation, ...others] = await read(subject)
  expect(others).toEqual([])
  expect(attestation!.evidence!.idHash).toBe(idHash)
  return attestation!
}

test.each([
  [{ stage: 'initialized' }, 'pending', false],
  [{ stage: 'registered' }, 'pending', false],
  [{ stage: 'attested' }, 'pending', false],
  [{ stage: 'proposed' }, 'pending', false], // says confirmed already, and nobody has voted
  [{ stage: 'proposed', outcome: 'failed' }, 'rejected', false],
  [{ stage: 'final' }, 'verified', true],
  [{ stage: 'final', outcome: 'failed' }, 'rejected', true],
  [{ stage: 'final', outvoted: true }, 'rejected', true], // confirmed and final, against the votes
  [{ stage: 'final', outcome: 'failed', outvoted: true }, 'rejected', true],
] as const)('a settlement that is %j is %s', async (given, status, finalized) => {
  const attestation = await readOne(given)
  expect(attestation).toMatchObject({ status, evidence: { finalized } })
  expect(attestation.verifiedAt instanceof Date).toBe(status === 'verified')
  expect(attestation.evidence!.txHash !== undefined).toBe(finalized)
})

test('property: only what is confirmed, final and not outvoted is verified; what failed is rejected; nothing else is either', () => {
  const anything = fc.record({
    status: fc.constantFrom(0, 1, 2, 3, 4),
    finalized: fc.boolean(),
    agreeVotes: fc.bigInt({ min: 0n, max: 5n }),
    disagreeVotes: fc.bigInt({ min: 0n, max: 5n }),
  })
  fc.assert(
    fc.property(anything, (settlement) => {
      const outvoted = settlement.disagreeVotes > settlement.agreeVotes
      const status = statusOf(settlement as Parameters<typeof statusOf>[0])
      expect(status === 'verified').toBe(settlement.status === 3 && settlement.finalized && !outvoted)
      expect(status === 'rejected').toBe(
        settlement.status === 4 || (settlement.status === 3 && settlement.finalized && outvoted),
      )
    }),
  )
})

test('two of three validators make it final, one does not; a new proposal takes it back', async () => {
  const subject = somebody()
  const idHash = await world.control.attest({ subject, stage: 'proposed', outcome: 'confirmed' })
  const status = async () => (await read(subject))[0]!.status
  await world.control.vote(idHash, { count: 1 })
  expect(await status()).toBe('pending')
  await world.control.vote(idHash, { count: 1 })
  expect(await status()).toBe('verified')

  const outvoted = somebody()
  const again = await world.control.attest({ subject: outvoted, outvoted: true })
  expect((await read(outvoted))[0]!.status).toBe('rejected')
  await world.control.propose(again, 'confirmed')
  expect((await read(outvoted))[0]!.status).toBe('pending')
  await world.control.finalize(again)
  expect((await read(outvoted))[0]!.status).toBe('verified')
})

test.each([
  ['us', 'US', 'US'],
  ['uk', 'GB', 'UK'],
  ['eu', null, 'EU'],
  ['pa', 'PA', 'PA'],
  ['other', null, 'OTHER'],
  ['DEU', 'DE', 'DEU'],
  ['756', 'CH', '756'],
  ['Atlantis', null, 'ATLANTIS'],
])('the label %j is the jurisdiction %s', async (label, jurisdiction, kept) => {
  expect(await readOne({ jurisdiction: label })).toMatchObject({
    jurisdiction,
    jurisdictionLabel: kept,
    jurisdictionBasis: 'label',
  })
})

test('no label is no jurisdiction, and no basis for one', async () => {
  const attestation = await readOne({ jurisdiction: '' })
  expect(attestation.jurisdiction).toBeNull()
  expect(attestation).not.toHaveProperty('jurisdictionLabel')
  expect(attestation).not.toHaveProperty('jurisdictionBasis')
})

test.each([
  ['kyc-basic', 1],
  ['kyc-full', 2],
  ['kyc-enhanced', 3],
])('the tag %s is configured as the level %i', async (tag, level) => {
  expect(await readOne({ tag })).toMatchObject({ kind: 'kyc', level, levelName: tag })
})

test.each(['', 'KYC-FULL', 'invoice 17', 'constructor', '__proto__'])(
  'the tag %j is configured as nothing: a settlement, of no level',
  async (tag) => {
    const attestation = await readOne({ tag })
    expect(attestation).toMatchObject({ kind: 'settlement', level: 0, status: 'verified' })
    expect(attestation).not.toHaveProperty('levelName')
  },
)

test('everything about somebody comes, newest first, whatever its status; a stranger hides nothing', async () => {
  const subject = somebody()
  const stages = [{ stage: 'final' }, { stage: 'final', outcome: 'failed' }, { stage: 'initialized' }] as const
  const ids: string[] = []
  for (const given of stages) {
    ids.unshift(await world.control.attest({ subject, ...given }))
    await world.control.attest({ subject, sender: stranger, outcome: 'failed' })
    await world.passTime(60)
  }
  const attestations = await read(subject)
  expect(attestations.map(({ evidence }) => evidence!.idHash)).toEqual(ids)
  expect(attestations.map(({ status }) => status)).toEqual(['pending', 'rejected', 'verified'])
  expect(new Set(attestations.map(({ attestationId }) => attestationId)).size).toBe(3)

  const both = await read(subject, { issuers: [world.issuer, stranger] })
  expect(both).toHaveLength(6)
  expect(await read(subject, { issuers: [] })).toEqual([])
})

test('a flood of settlements about somebody is not waded through', async () => {
  const subject = somebody()
  await world.control.attest(subject)
  const ids = Array.from({ length: 1_001 }, (_, index) => toHex(index, { size: 32 }))
  const flood = encodeAbiParameters([{ type: 'bytes32[]' }], [ids])
  world.door.rewrite = ({ method }, result) => (method === 'eth_call' ? flood : result)
  expect((await unavailableOf(read(subject))).reason).toBe('too_many')
})

test('where the registry says something that no registry we know would, nothing is believed', async () => {
  const subject = somebody()
  await world.control.attest(subject)
  const selector = toFunctionSelector('getSettlementStatus(bytes32)')
  for (const status of [0, 1, 2, 4, 5, 7, 255]) {
    world.door.rewrite = ({ method, params }, result) => {
      const asked = method === 'eth_call' && (params[0] as { data: string }).data.startsWith(selector)
      return asked ? toHex(status, { size: 32 }) : result
    }
    expect((await unavailableOf(read(subject))).reason).toBe('unreadable')
  }
})

test('a settlement about somebody else under their name is not believed', async () => {
  const [subject, other] = [somebody(), somebody()]
  const idHash = await world.control.attest(other)
  const list = encodeAbiParameters([{ type: 'bytes32[]' }], [[idHash]])
  let first = true
  world.door.rewrite = ({ method }, result) => {
    if (method !== 'eth_call' || !first) return result
    first = false
    return list
  }
  expect((await unavailableOf(read(subject))).reason).toBe('unreadable')
})

test('several registries are read, each at its own block; one that does not answer makes all of it no answer', async () => {
  await using second = await startChain({ chainId: 11_155_111 })
  await using simulator = await startChainsettle({ rpcUrl: second.url, chainId: 11_155_111, network: 'ethereum' })
  const subject = somebody()
  await world.control.attest({ subject, level: 1 })
  await controlOf(simulator.url).attest({ subject, level: 3, jurisdiction: 'ng' })
  const at = (id: number, rpcUrl: string) => ({ chainId: id, rpcUrl, docusign: registries.docusign })
  const both = [at(chainId, world.door.url), at(11_155_111, second.url)]

  const attestations = await read(subject, { baseUrl: null, registries: both })
  expect(attestations.map(({ subject: { network }, level }) => [network, level]).sort()).toEqual([
    ['eip155:11155111', 3],
    [`eip155:${chainId}`, 1],
  ])
  expect(new Set(attestations.map(({ attestationId }) => attestationId)).size).toBe(2)

  await second.stop()
  expect((await unavailableOf(read(subject, { baseUrl: null, registries: both }))).reason).toBe('unreachable')
})

test('whom a settlement is about can be asked, whoever made it; of one that does not exist it is nobody', async () => {
  const subject = somebody()
  const idHash = await world.control.attest({ subject, sender: stranger, stage: 'initialized' })
  const gateway = world.connect()
  expect(await gateway.subjectOf(idHash, patience())).toBe(getAddress(subject))
  expect(await gateway.subjectOf(`0x${'ab'.repeat(32)}`, patience())).toBeNull()
  world.door.fault = 'down'
  expect((await unavailableOf(gateway.subjectOf(idHash, patience()))).reason).toBe('unreachable')
  world.door.fault = null
})

test('an address that holds no registry is no provider that knows nothing', async () => {
  const elsewhere = { chainId, rpcUrl: world.chain.url, docusign: stranger } as const
  const gateway = world.connect({ registries: [elsewhere] })
  expect((await unavailableOf(gateway.ping())).reason).toBe('unreadable')
  expect((await unavailableOf(gateway.attestationsOf({ address: somebody() }, patience()))).reason).toBe('unreadable')
})

test('a chain that is younger than the confirmations asked for has no answer yet', async () => {
  await using young = await startChain({ chainId })
  const registry = { chainId, rpcUrl: young.url, docusign: registries.docusign, confirmations: 5 }
  const gateway = world.connect({ baseUrl: null, registries: [registry] })
  expect((await unavailableOf(gateway.ping())).reason).toBe('failing')
})

test('a node that does not tell of logs loses nothing but the transaction', async () => {
  const subject = somebody()
  await world.control.attest(subject)
  for (const logs of [null, {}, 'none', ['x', null, {}, { topics: [], transactionHash: 7 }]]) {
    world.door.rewrite = ({ method }, result) => (method === 'eth_getLogs' ? logs : result)
    const [attestation] = await read(subject)
    expect(attestation).toMatchObject({ status: 'verified', evidence: { finalized: true } })
    expect(attestation!.evidence).not.toHaveProperty('txHash')
  }
})

test('a gateway without a registry, or with no confirmation, is not made', () => {
  const common = { baseUrl: null, issuers: [], levels: {} }
  expect(() => createChainsettle({ ...common, registries: [] })).toThrow(RangeError)
  const registry = { chainId, rpcUrl: world.chain.url, docusign: registries.docusign, confirmations: 0 }
  expect(() => createChainsettle({ ...common, registries: [registry] })).toThrow(RangeError)
})
