import type { Address, Hash, WalletCalls } from '../server/contract/entities.ts'
import { isProviderError, ProviderServiceError } from './errors.ts'

/** A wallet of the caller's own, which pays when its owner agrees. */
export interface WalletSender {
  address: Address
  /** Has the owner agree to exactly these calls, sends them, and resolves with the hash of the transaction. */
  sendCalls(calls: WalletCalls): Promise<Hash>
}

/** What wallets call the owner's no: by EIP-1193 and by WalletConnect. */
const saidNo = [4001, 5000]

/**
 * What a wallet rejected with, as the error of this package: `WALLET_REJECTED` when its owner said no, however deep it is said; else
 * `WALLET_FAILED`.
 */
export function walletError(cause: unknown): ProviderServiceError {
  if (isProviderError(cause)) return cause
  for (let inner = cause; typeof inner === 'object' && inner !== null; inner = (inner as { cause?: unknown }).cause)
    if ('code' in inner && saidNo.includes(inner.code as number))
      return new ProviderServiceError(
        'You declined this in your wallet. Nothing was paid; try again when you want to.',
        { code: 'WALLET_REJECTED', retryable: true },
        { cause },
      )
  return new ProviderServiceError(
    'Your wallet did not say that it sent the payment. Look in your wallet whether it did, before you try again.',
    { code: 'WALLET_FAILED', retryable: true },
    { cause },
  )
}
