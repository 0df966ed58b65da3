import type { Hash } from 'viem'
import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import type { ChainsettleOptions } from './options.ts'
import type { Proposal, Registry, Status } from './registry.ts'

/** What the HTTP interface remembers of a settlement that went through it. The rest it reads from the chain. */
export interface Remembered {
  idHash: Hash
  settlementId: string
  salt: Hash
  network: string
  /** What is found out about the document, once somebody attests it: `failed` until it is signed. */
  proof: Proposal
  envelopeId: string
  recipientId: string
  transactions: { init?: Hash; attest?: Hash; validate?: Hash }
}

/** What the HTTP interface says of a settlement in place of the truth. */
export interface Lie {
  status: Status
  finalized: boolean
}

/** What every part of the simulator works with. */
export interface Simulator {
  registry: Registry
  journal: Journal
  faults: Faults
  remembered: Map<Hash, Remembered>
  lies: Map<Hash, Lie>
  /** Whether the validators vote as soon as something is proposed to them. Can be changed while it runs. */
  voting: { automatic: boolean }
  options: ChainsettleOptions & { network: string }
}
