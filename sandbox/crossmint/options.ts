import type { Address, Hex } from 'viem'

export const allScopes = [
  'wallets.create',
  'wallets.read',
  'wallets.fund',
  'wallets:balance.read',
  'wallets:transactions.create',
  'wallets:transactions.read',
  'wallets:transactions.sign',
  'wallets:signatures.create',
  'wallets:signatures.read',
] as const

export type Scope = (typeof allScopes)[number]

export interface ApiKey {
  /** Any text; Crossmint's own server keys look like `sk_staging_…`. */
  key: string
  projectId: string
  /** All of them by default, as on Crossmint's staging. */
  scopes?: readonly Scope[]
}

/** A chain behind one of Crossmint's slugs. The contracts are those of `deployContracts`. */
export interface ChainOptions {
  rpcUrl: string
  chainId: number
  usdc: Address
  factory: Address
  /** Of the account that brings operations to this chain, where the chain has to know it; a new one by default. */
  relayerKey?: Hex
}

export interface WebhookEndpoint {
  url: string
  /** `whsec_…`. Several while a secret is being rotated: every delivery then carries a signature for each. */
  secret: string | readonly string[]
  /** Only events of this project; of all by default. */
  projectId?: string
}

/** Requests a minute and project. */
export interface RateLimit {
  writes: number
  reads: number
}

/** How operations reach the chain. Times in milliseconds. */
export interface RelayerOptions {
  /** From the approval to the broadcast. */
  broadcastDelay: number
  /** Blocks, the one of the transaction included, before it counts as done. */
  confirmations: number
  /** Operations in one chain transaction, at most one of each wallet. */
  bundleSize: number
  /** Between two looks at the newest block. */
  pollInterval: number
}

/** What Crossmint does not document, or documents in two ways: a client has to live with each. */
export interface Behaviour {
  /** Same idempotency key, other body: the first object again, or 400. */
  idempotencyMismatch: 'original' | 'reject'
  /** Whether a refusal is remembered under its idempotency key, or the next try starts anew. */
  cacheRefusals: boolean
  /** `sequential`: one line of nonces a wallet, an operation waits for all before it. `lanes`: a nonce key each. */
  nonces: 'sequential' | 'lanes'
  /** A wrong signature: 400 at once, or accepted and then `failed` with `wallet_authorization`. */
  wrongSignature: 'reject' | 'fail'
  /** The answer to a signer who approves what he has approved already. */
  repeatedApproval: 409 | 422
  /** Whether a 429 says in `Retry-After` how long to wait. */
  retryAfter: boolean
}

export interface CrossmintOptions {
  /** A free one by default. */
  port?: number
  apiKeys: readonly ApiKey[]
  /** By Crossmint's slug, such as `avalanche-fuji`. */
  chains: Readonly<Record<string, ChainOptions>>
  webhook?: WebhookEndpoint
  /** 120 writes and 360 reads by default. */
  rateLimit?: RateLimit | 'unlimited'
  relayer?: Partial<RelayerOptions>
  behaviour?: Partial<Behaviour>
  /** Factor on the webhook retry schedule of 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h; 0.001 makes seconds of hours. */
  webhookTimeScale?: number
  /** Keeps wallets, transactions and undelivered webhooks over restarts, in this file. */
  stateFile?: string
  /** How many exchanges the journal remembers. */
  journalSize?: number
}

export const defaultRelayer: RelayerOptions = {
  broadcastDelay: 25,
  confirmations: 1,
  bundleSize: 16,
  pollInterval: 100,
}

export const defaultRateLimit: RateLimit = { writes: 120, reads: 360 }

export const defaultBehaviour: Behaviour = {
  idempotencyMismatch: 'original',
  cacheRefusals: false,
  nonces: 'sequential',
  wrongSignature: 'reject',
  repeatedApproval: 422,
  retryAfter: false,
}
