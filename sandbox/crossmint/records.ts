import type { Address, Hash, Hex } from 'viem'

/** What the simulator remembers. Everything is plain JSON, so that it can be written down. */

export interface Signer {
  type: 'external-wallet' | 'server' | 'api-key'
  address: Address
  locator: string
}

/** The same act of creating, as its caller named it. */
export interface Creation {
  endpoint: string
  /** Of the body. */
  hash: string
  key: string | null
}

export interface Wallet {
  projectId: string
  address: Address
  owner: string | null
  alias: string | null
  adminSigner: Signer
  /** Those given at creation: part of the address. `validUntil` in unix seconds. */
  grants: { signer: Address; validUntil: number }[]
  delegatedSigners: DelegatedSigner[]
  salt: Hex
  createdAt: string
  creation: Creation
}

export interface DelegatedSigner extends Signer {
  expiresAt: string | null
  /** By chain: null where it has been a signer from the start, else the transaction or signature that makes it one. */
  chains: Record<string, { kind: 'transaction' | 'signature'; id: string } | null>
  removed: boolean
}

export interface UserOperation {
  sender: Address
  nonce: Hex
  callData: Hex
  callGasLimit: Hex
  verificationGasLimit: Hex
  preVerificationGas: Hex
  maxFeePerGas: Hex
  maxPriorityFeePerGas: Hex
  signature: Hex
  factory?: Address
  factoryData?: Hex
}

export interface Call {
  to: Address
  value: bigint
  data: Hex
}

export interface Submitted {
  signer: Signer
  signature: Hex
  message: Hex
  submittedAt: string
}

export interface ProviderFailure {
  reason: 'build_failed' | 'failed_to_land_on_chain' | 'unknown' | 'sanctioned_wallet_address' | 'execution_reverted'
  message: string
  revert?: {
    type: 'contract_call' | 'wallet_authorization' | 'wallet_deployment'
    reason: string
    reasonData?: string
    explorerLink?: string
    simulationLink?: string
  }
}

export interface Transaction {
  id: string
  projectId: string
  wallet: Address
  chain: string
  /** As the caller wrote them. */
  calls: unknown[]
  signer: Signer
  userOperation: UserOperation
  userOperationHash: Hash
  status: 'awaiting-approval' | 'pending' | 'success' | 'failed'
  submitted: Submitted[]
  txId: Hash | null
  createdAt: string
  completedAt: string | null
  error: ProviderFailure | null
  sendParams: { token: string; params: { amount: string; recipient: string; recipientAddress: Address } } | null
  creation: Creation
  /** A fault keeps it from going on: from leaving `awaiting-approval`, from being sent, or from being seen to be done. */
  hold: 'approval' | 'broadcast' | 'silent' | null
  /** When a hold ends by itself, unix milliseconds. */
  holdUntil: number | null
  /** A fault that happens on its way to the chain: its wallet is blocked before it, and unblocked after. */
  fate: 'blocked' | null
}

export interface Signature {
  id: string
  projectId: string
  wallet: Address
  chain: string
  type: 'message' | 'typed-data'
  params: Record<string, unknown>
  signer: Signer
  message: Hex
  status: 'awaiting-approval' | 'pending' | 'success' | 'failed'
  submitted: Submitted[]
  outputSignature: Hex | null
  createdAt: string
  completedAt: string | null
  creation: Creation
  /** The operation that this signature approves, when it makes somebody a signer. */
  operation: string | null
}

/** One ERC-20 transfer from or to a wallet of ours, as the history and the webhooks tell it. */
export interface Transfer {
  /** The same however often we see it. */
  id: string
  projectId: string
  wallet: Address
  type: 'wallets.transfer.in' | 'wallets.transfer.out'
  data: Record<string, unknown> & { status: 'succeeded' | 'failed'; completedAt: string }
  token: Address
  chain: string
}

/** A webhook on its way. */
export interface Message {
  id: string
  projectId: string
  body: string
  type: string
  state: 'waiting' | 'delivered' | 'failed' | 'lost'
  attempts: number
  /** Unix milliseconds. */
  nextAt: number
}

/** Up to where a chain has been read. */
export interface Cursor {
  chain: string
  number: number
  hash: Hash
  genesis: Hash
}
