import type { Address, Hash, Hex } from 'viem'

/** One contract call inside a transaction. `value` is in wei. */
export interface Call {
  to: Address
  value: bigint
  data: Hex
}

/** What a wallet provider is asked to put on a chain. The same `idempotencyKey` always comes with the same body. */
export interface Submission {
  /** Our transaction id. Repeating a submission with it never makes a second transaction at the provider. */
  idempotencyKey: string
  wallet: Address
  chainId: number
  /** Executed in order, all or nothing. */
  calls: readonly Call[]
}

/** The provider's view of a transaction. It is a hint: what happened is read from the chain. */
export interface ProviderTransaction {
  /** The provider's own id of it. */
  reference: string
  state: 'awaiting-approval' | 'pending' | 'success' | 'failed'
  /** Known before broadcast; finds the operation on the chain without the provider's help. Null where there is none. */
  userOperationHash: Hash | null
  /** Of the chain transaction that carries it; null until the provider says it was broadcast. */
  transactionHash: Hash | null
  /** Only when `state` is `failed`: the stable word and the sentence of the provider. */
  failure: { reason: string; message: string } | null
}

/** A wallet as its provider knows it. */
export interface ProviderWallet {
  address: Address
  owner: string | null
}

/**
 * Who holds keys and sends transactions for us: Crossmint for custodial smart wallets; a local signer for chains that
 * Crossmint does not serve.
 *
 * Every method throws `ProviderError`. Its `outcome` says what the caller may conclude: `refused` (nothing happened, the same
 * body will be refused again), `unknown` (it may have happened: repeat with the same key or look it up, never anew),
 * `unavailable` (nothing happened, try later).
 */
export interface WalletProvider {
  readonly name: 'crossmint' | 'local'
  /** Chains it can put transactions on. */
  supports(chainId: number): boolean
  /** Resolves when the provider answers and takes our credentials. */
  ping(): Promise<void>
  /** Makes the wallet of `owner`, or returns the one it already has. */
  createWallet(input: { owner: string; idempotencyKey: string }): Promise<ProviderWallet>
  /**
   * Hands calls over and approves them. Safe to repeat after any error that is not `refused`. No approval is sent later than
   * `within` milliseconds from now: by then somebody else may have been told to go on with it.
   */
  submit(submission: Submission, within?: number): Promise<ProviderTransaction>
  /** Reads the provider's current view of a transaction it took. */
  get(wallet: Address, reference: string): Promise<ProviderTransaction>
  /**
   * Finds the transaction that carries exactly these calls, made since `since`, when its reference was lost. Null if there is none.
   * Calls are told apart by their data: whoever submits sees to it that no two submissions have the same.
   */
  find(submission: Submission, since: Date): Promise<ProviderTransaction | null>
}

/** What a failed provider call allows us to conclude. */
export type ProviderOutcome = 'refused' | 'unknown' | 'unavailable'

/** A provider call that did not end well. `reason` is the provider's own stable word, such as `execution_reverted`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly outcome: ProviderOutcome
  readonly reason: string
  /** The provider asked us to wait this long, in milliseconds. */
  readonly retryAfter: number | null

  constructor(
    outcome: ProviderOutcome,
    reason: string,
    message: string,
    options: { cause?: unknown; retryAfter?: number | null } = {},
  ) {
    super(message, { cause: options.cause })
    this.outcome = outcome
    this.reason = reason
    this.retryAfter = options.retryAfter ?? null
  }
}
