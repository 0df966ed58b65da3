import type { Address, ChainName, Compliance, Payment, PaymentState } from './entities.ts'

/** How a permissioned token tells who may move it. */
export type TokenStandard = 'erc-7943' | 'erc-7943-draft' | 'erc-3643' | 'erc-1404' | 'can-transfer'

/** What can be done with a permissioned token. */
export type OperationType =
  | 'transfer'
  | 'mint'
  | 'burn'
  | 'freeze'
  | 'forced-transfer'
  | 'pause'
  | 'unpause'
  | 'allow'
  | 'disallow'

/** A token whose contract decides who may hold and move it, with the wallet that acts on it for its issuer. */
export type EercToken = {
  id: string
  assetId: string
  chain: ChainName
  address: Address
  /** `permissioned` has public amounts; `encrypted` hides them, and is only registered so far. */
  kind: 'permissioned' | 'encrypted'
  /** What it is spoken to in; null of an encrypted one. */
  standard: TokenStandard | null
  symbol: string
  decimals: number
  /** Acts for the issuer; null if nobody here does. */
  agentWalletId: string | null
  /** By name of each operation, whether the contract has it. What it lacks is refused with OPERATION_NOT_SUPPORTED_BY_TOKEN. */
  capabilities: Record<string, boolean>
  /** What the agent could do when the token was registered; `unknown` where a contract has no usual way to tell. */
  roles: Record<string, 'held' | 'lacking' | 'unknown'>
  createdAt: Date
}

/** A token and whether this answer repeats an earlier one, by its idempotency key. */
export type RegisteredToken = EercToken & { replayed: boolean }

/** One action on a permissioned token. Amounts are in base units. */
export type TokenAction =
  /** By the holder. */
  { type: 'transfer'; from: Address; to: Address; amount: bigint } | IssuerAction

/** What an issuer does on its permissioned token. */
export type IssuerAction =
  | { type: 'mint'; to: Address; amount: bigint }
  /** Out of a holder's account, of what is frozen there as well. */
  | { type: 'burn'; from: Address; amount: bigint }
  /** `frozen` is what is to be frozen of the holder's balance from then on, whatever is now; 0 unfreezes all of it. */
  | { type: 'freeze'; holder: Address; frozen: bigint }
  /** Without the holder's leave: of what is frozen as well. */
  | { type: 'forced-transfer'; from: Address; to: Address; amount: bigint }
  | { type: 'pause' }
  | { type: 'unpause' }
  /** `identity` is what an ERC-3643 token knows a holder by: the identity contract, and an ISO 3166-1 numeric country. */
  | { type: 'allow'; holder: Address; identity?: { contract: Address; country: number } | undefined }
  | { type: 'disallow'; holder: Address }

/** One action on a token, asked for by somebody, and how far it has come. Its states are those of a payment. */
export type EercOperation = {
  id: string
  tokenId: string
  /** The wallet that calls the token. */
  walletId: string
  action: TokenAction
  /** `held` waits for the second person that its approval asks for. */
  state: PaymentState
  /** Such as `user:…` or `key:…`. */
  requestedBy: string
  reason: string | null
  /** By whom it is let go: see `approvals.get`. Null needs nobody. */
  approvalId: string | null
  decisionId: string
} & Pick<
  Payment,
  'transactionId' | 'transactionHash' | 'blockNumber' | 'failure' | 'settledAt' | 'createdAt' | 'updatedAt'
>

/** An operation and whether this answer repeats an earlier one, by its idempotency key. */
export type AcceptedOperation = EercOperation & { replayed: boolean }

/** What an operation would meet now: the policy, the chain and the token. Nothing was written. */
export type EercPreflight = Compliance & {
  /** The block that was asked. */
  block: bigint
  /** Whether somebody else would have to approve it. */
  needsApproval: boolean
}
