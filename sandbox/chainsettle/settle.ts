import { createHash, randomBytes } from 'node:crypto'
import { type Address, encodePacked, type Hash, keccak256 } from 'viem'
import { issuer, validators } from './deploy-registries.ts'
import { levels, type Tag } from './options.ts'
import type { Proposal } from './registry.ts'
import type { Simulator } from './simulator.ts'

/** How far a settlement goes: each stage implies those before it. */
export const stages = ['initialized', 'registered', 'attested', 'proposed', 'final'] as const
export type Stage = (typeof stages)[number]

export interface SubjectToAttest {
  subject: Address
  /** 1 to 3; makes the tag. 2 by default. */
  level?: 1 | 2 | 3
  /** In place of the level's. */
  tag?: string
  /** As Chainsettle has them: `us`, `uk`, `eu`, `other`. `us` by default. */
  jurisdiction?: string
  outcome?: Proposal
  /** `final` by default. `proposed` has the outcome already, and no vote. */
  stage?: Stage
  /** The validators vote against the outcome. It is final then, and its status stays as it was proposed. */
  outvoted?: boolean
  /** Who initializes it; the sandbox's issuer by default. */
  sender?: Address
}

export const idHashOf = (salt: Hash, settlementId: string): Hash =>
  keccak256(encodePacked(['bytes32', 'string'], [salt, settlementId]))

export const randomHash = (): Hash => `0x${randomBytes(32).toString('hex')}`

const tagOf = (level: 1 | 2 | 3): Tag => (Object.keys(levels) as Tag[]).find((tag) => levels[tag] === level)!

/** Takes a settlement about somebody as far as is asked. Answers with its name. */
export async function attestSubject(simulator: Simulator, given: SubjectToAttest): Promise<Hash> {
  const { subject, level = 2, jurisdiction = 'us', outcome = 'confirmed', stage = 'final', sender = issuer } = given
  const tag = given.tag ?? tagOf(level)
  const reaches = (wanted: Stage) => stages.indexOf(stage) >= stages.indexOf(wanted)
  const idHash = idHashOf(randomHash(), randomBytes(4).toString('hex'))
  const document = createHash('sha256').update(JSON.stringify({ jurisdiction, subject, tag })).digest('hex')
  const docHash: Hash = `0x${document}`

  await initialize(simulator, {
    idHash,
    counterparty: subject,
    sender,
    metadataHash: docHash,
    assetName: 'kyc',
    assetTag: tag,
    jurisdiction,
  })
  if (reaches('registered')) await register(simulator, idHash, docHash)
  if (reaches('attested')) await attest(simulator, idHash)
  if (reaches('proposed')) await propose(simulator, idHash, outcome, docHash)
  if (reaches('final')) await vote(simulator, idHash, { agree: !given.outvoted })
  return idHash
}

export async function initialize(
  { registry, journal }: Simulator,
  settlement: Parameters<Simulator['registry']['initialize']>[0],
): Promise<Hash> {
  const hash = await registry.initialize(settlement)
  journal.write({ type: 'chain', deed: 'initialized', idHash: settlement.idHash, transactions: [hash] })
  return hash
}

export async function register({ registry, journal }: Simulator, idHash: Hash, docHash: Hash): Promise<void> {
  const hash = await registry.register(idHash, docHash)
  journal.write({ type: 'chain', deed: 'registered', idHash, transactions: [hash] })
}

export async function attest({ registry, journal }: Simulator, idHash: Hash): Promise<Hash> {
  const hash = await registry.attest(idHash)
  journal.write({ type: 'chain', deed: 'attested', idHash, transactions: [hash] })
  return hash
}

export async function propose(
  { registry, journal }: Simulator,
  idHash: Hash,
  outcome: Proposal,
  docHash: Hash,
): Promise<void> {
  const hash = await registry.propose(idHash, outcome, docHash)
  journal.write({ type: 'chain', deed: 'proposed', idHash, transactions: [hash] })
}

/** As many validators vote as there are, or fewer; those after the one that makes it final need not. */
export async function vote(
  { registry, journal }: Simulator,
  idHash: Hash,
  { agree = true, count = validators.length }: { agree?: boolean; count?: number } = {},
): Promise<Hash[]> {
  const transactions = await registry.vote(idHash, { agree, count })
  journal.write({ type: 'chain', deed: 'voted', idHash, transactions })
  return transactions
}
