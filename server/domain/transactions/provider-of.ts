import type { TransactionRow } from '../../../db/schema.ts'
import { ProviderError, type WalletProvider } from '../../gateways/wallet-provider.ts'
import type { Services } from '../../services.ts'

/**
 * Who of those that sign for us signs a transaction and brings it to its chain: whom its row names, since its wallet was made.
 *
 * @throws ProviderError `unavailable` where it is signed here and this instance is not configured to sign
 */
export function providerOf(
  { provider, localSigner }: Services,
  transaction: Pick<TransactionRow, 'provider'>,
): WalletProvider {
  if (transaction.provider === 'external') throw new Error('Its payer signs it, and nobody here')
  if (transaction.provider !== 'local') return provider
  if (localSigner) return localSigner
  throw new ProviderError('unavailable', 'no_local_signer', 'No chain in CHAINS has a local signer')
}
