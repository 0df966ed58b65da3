import { ProviderError } from '../wallet-provider.ts'
import type { Gateway } from './gateway.ts'

const nobody = '0x000000000000000000000000000000000000dEaD'

/**
 * Asks for a wallet that nobody has: an answer, a refusal included, shows that Crossmint is there and takes our key.
 *
 * @throws ProviderError
 */
export async function ping({ client }: Gateway): Promise<void> {
  try {
    await client.getWallet(nobody)
  } catch (error) {
    if (!(error instanceof ProviderError) || error.outcome !== 'refused') throw error
  }
}
