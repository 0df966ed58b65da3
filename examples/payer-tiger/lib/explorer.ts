import type { ChainName } from '@provider-service/client'
import type { ChainSetting } from './settings.ts'

/** Where a transaction can be looked at; null on a chain that nobody named an explorer for. */
export function explorerUrl(chains: readonly ChainSetting[], chain: ChainName, hash: string): string | null {
  const explorer = chains.find(({ id }) => chain === `eip155:${id}`)?.explorer
  return explorer ? `${explorer}/tx/${hash}` : null
}
