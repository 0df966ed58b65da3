import { type Config, waitForTransactionReceipt } from '@wagmi/core'
import type { ChainName, Hash } from '../index.ts'
import { walletError } from './wallet-error.ts'

/** Where a transaction came to be on the chain. */
export interface Confirmed {
  /** Of what was mined: another one than was sent, if the person sped it up in their wallet. */
  hash: Hash
  blockNumber: bigint
}

export interface ConfirmOptions {
  /** The chain it was sent on; the one that wagmi is on, if you name none. */
  chain?: ChainName
  /** Milliseconds to wait; for ever if you name none. */
  timeout?: number
}

/**
 * Waits until a transaction is in a block, as this browser's node sees it: to show progress. Whether a payment is settled is what the
 * service says.
 *
 * @example
 * const { blockNumber } = await confirm(config, payment.transactionHash, { chain: payment.chain })
 *
 * @throws ProviderServiceError WALLET_FAILED when it was mined and had no effect, or cannot be found in time (`details.reason`: `reverted` or `not_found`)
 */
export async function confirm(config: Config, hash: Hash, { chain, timeout }: ConfirmOptions = {}): Promise<Confirmed> {
  try {
    const { transactionHash, blockNumber } = await waitForTransactionReceipt(config, {
      hash,
      ...(chain && { chainId: Number(chain.slice('eip155:'.length)) }),
      ...(timeout !== undefined && { timeout }),
    })
    return { hash: transactionHash, blockNumber }
  } catch (cause) {
    // wagmi throws a plain error for what was mined and reverted, viem its own for all else
    const reverted = cause instanceof Error && cause.name === 'Error'
    throw walletError(
      'WALLET_FAILED',
      reverted
        ? 'The transaction was mined and had no effect: nothing was paid. Try again.'
        : 'The transaction was not found on the chain yet. Look in your wallet whether it was sent.',
      reverted ? 'reverted' : 'not_found',
      cause,
    )
  }
}
