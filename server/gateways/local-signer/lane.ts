import type { Kysely } from 'kysely'
import type { Address } from 'viem'
import type { Database } from '../../../db/schema.ts'
import type { SenderRole } from '../chain/allow-list.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { ProviderTransaction, Submission } from '../wallet-provider.ts'
import type { GasPolicy } from './gas-policy.ts'
import { laneNode } from './lane-node.ts'
import { laneRows } from './lane-rows.ts'
import { placing } from './place.ts'
import type { SigningKey } from './signing-key.ts'
import { tending } from './tend.ts'

export interface LaneSettings {
  gas: GasPolicy
  /** How many transactions may be on their way at a time. */
  inFlight: number
  /** Milliseconds after which one that is in no block is paid more for. */
  replaceAfterMs: number
}

export interface LaneOptions extends LaneSettings {
  chainId: number
  key: SigningKey
  rpc: Rpc
  db: Kysely<Database>
  /** Blocks after which the chain takes nothing back. */
  finality: number
  /** What the key is on the chain's list of who may transact; null where there is no such list. */
  senderRole(): Promise<SenderRole | null>
  /** Milliseconds that a nonce may be used up by a transaction that nobody finds, before somebody else is believed to have the key. */
  disbelief: number
  /** Milliseconds after which a node is asked whether it still knows a transaction; 1,000 by default. */
  resendAfter?: number
  clock: { now(): Date }
  report(event: LaneEvent): void
}

/** What happens on a lane that somebody may want to know. */
export type LaneEvent = { chainId: number; address: Address } & (
  | { type: 'settled'; ids: string[] }
  /** No more nonces are given out until a person says so. */
  | { type: 'halted'; because: HaltReason }
  /** The chain takes nothing of this key now, by the node's words. */
  | { type: 'blocked'; message: string }
  /** The node will never take this one: its nonce is used up without effect. */
  | { type: 'withdrawn'; id: string; message: string }
  /** The chain, or all nodes, had forgotten it. */
  | { type: 'sent again'; id: string; nonce: bigint }
  | { type: 'replaced'; id: string; nonce: bigint; feeCap: bigint }
  /** It is stuck, and what it may cost does not allow for more. */
  | { type: 'at its cap'; id: string; nonce: bigint }
  /** The chain has gone back: what it had settled from this nonce on is sent again. */
  | { type: 'reopened'; from: bigint; sends: number }
)

/**
 * `nonce_used_elsewhere`: the chain has transactions of this key that are not ours. `chain_went_back`: it has forgotten more than it may.
 */
export type HaltReason = 'nonce_used_elsewhere' | 'chain_went_back'

/**
 * One key on one chain, and the order of its nonces.
 *
 * The law of it: a nonce is given out in the commit that stores the transaction signed with it, before any node sees that; it belongs to
 * one send for ever, so that whatever is signed for that send, the chain takes one of it at most; and a send is over when the chain's
 * receipts say so. So it does not matter who dies when, or how many work on a lane: they hand over the same bytes.
 */
export interface Lane {
  readonly chainId: number
  readonly address: Address
  /** Gives the submission a nonce, once. @throws ProviderError */
  submit(submission: Submission, within: number): Promise<ProviderTransaction>
  /** Looks at what is on its way, and does what that needs. Safe to be done by several. */
  tend(): Promise<void>
  /**
   * Goes on after a halt: what the chain has forgotten is due again. Answers with the sends that are given up because others have used
   * their nonces.
   */
  resume(): Promise<string[]>
  /** Resolves when nonces are given out. @throws Error with the reason of a halt */
  check(): Promise<void>
  /** Resolves when what is being handed over has been answered. */
  rest(): Promise<void>
}

export function openLane(options: LaneOptions): Lane {
  const { chainId, key, rpc, db } = options
  const { address } = key
  const setting = {
    ...options,
    address,
    resendAfter: options.resendAfter ?? 1_000,
    node: laneNode(rpc, address),
    rows: laneRows(db, chainId, address),
    /** When each hash was last handed over or found at a node, by `performance.now()`. */
    seenAt: new Map<string, number>(),
    handing: new Set<Promise<unknown>>(),
  }
  return {
    chainId,
    address,
    submit: placing(setting),
    ...tending(setting),
    async check() {
      const halted = (await setting.rows.lane())?.halted_because
      if (halted) throw new Error(`halted: ${halted}. When you know why, run "npm run provider -- lanes resume"`)
    },
    async rest() {
      await Promise.all(setting.handing)
    },
  }
}

/** What placing and tending work with. */
export interface LaneSetting extends LaneOptions {
  address: Address
  resendAfter: number
  node: ReturnType<typeof laneNode>
  rows: ReturnType<typeof laneRows>
  seenAt: Map<string, number>
  handing: Set<Promise<unknown>>
}
