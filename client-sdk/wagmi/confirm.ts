import type { Config } from '@wagmi/core'
import { waitForTransactionReceipt } from 'viem/actions'
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
export async function confirm(
  config: Config,
  hash: Hash,
  { chain, timeout = 0 }: ConfirmOptions = {},
): Promise<Confirmed> {
  const client = config.getClient(chain && { chainId: Number(chain.slice('eip155:'.length)) })
  // wagmi's own would call what was reverted again, and throw what comes of that
  const { status, transactionHash, blockNumber } = await waitForTransactionReceipt(client, { hash, timeout }).catch(
    (cause: unknown) => {
      const message = 'The transaction was not found on the chain yet. Look in your wallet whether it was sent.'
      throw walletError('WALLET_FAILED', message, 'not_found', cause)
    },
  )
  if (status === 'success') return { hash: transactionHash, blockNumber }
  throw walletError('WALLET_FAILED', 'The transaction was mined and had no effect: nothing was paid.', 'reverted')
}
