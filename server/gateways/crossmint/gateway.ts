import { ProviderError, type ProviderTransaction } from '../wallet-provider.ts'
import type { Chains } from './chains.ts'
import type { CrossmintClient } from './client.ts'
import { type Clock, wait } from './clock.ts'
import { failureOf } from './errors.ts'
import type { Transaction } from './schemas.ts'
import type { Signer } from './signer.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { EntryPoint } from './verify-transaction.ts'

/** What the verbs of this folder work with. */
export interface Gateway {
  client: CrossmintClient
  signer: Signer
  chains: Chains
  entryPoints: readonly EntryPoint[] | 'unverified'
  writes: TokenBucket
  /** How often one call repeats a request whose outcome is unknown, before the caller is told so. */
  replays: number
  /** Milliseconds to wait for our turn. */
  maximumWait: number
  clock: Clock
  signal: AbortSignal | undefined
}

/**
 * Runs a request that is safe to repeat, again while its outcome is unknown. Once it was unknown, a later refusal proves
 * nothing about the first try, which may still be on its way: it stays unknown, and the caller's next call finds out.
 */
export async function replayed<Answer>(gateway: Gateway, run: (attempt: number) => Promise<Answer>): Promise<Answer> {
  let lost: ProviderError | null = null
  for (let attempt = 0; attempt <= gateway.replays; attempt++) {
    if (attempt > 0) await restBefore(gateway, attempt)
    try {
      return await run(attempt)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      if (error.outcome !== 'unknown') throw lost ? stillUnknown(lost, error) : error
      lost = error
    }
  }
  throw lost
}

/** 200 to 400 ms, then twice as long each time, spread so that callers do not come back together. */
export async function restBefore({ clock, signal }: Gateway, attempt: number): Promise<void> {
  const milliseconds = 200 * 2 ** (attempt - 1) * (1 + Math.random())
  try {
    await wait(clock, milliseconds, signal)
  } catch (cause) {
    throw new ProviderError('unknown', 'stopped', 'The service is stopping', { cause })
  }
}

export function stillUnknown(lost: ProviderError, later: ProviderError): ProviderError {
  return new ProviderError('unknown', lost.reason, `${lost.message}; then: ${later.message}`, {
    cause: later,
    retryAfter: later.retryAfter,
  })
}

export function toProviderTransaction(transaction: Transaction): ProviderTransaction {
  const { error, onChain } = transaction
  return {
    reference: transaction.id,
    state: transaction.status,
    userOperationHash: onChain.userOperationHash ?? null,
    transactionHash: onChain.txId ?? null,
    failure:
      transaction.status !== 'failed'
        ? null
        : error
          ? failureOf(error)
          : { reason: 'unknown', message: 'Crossmint gave no reason' },
  }
}
