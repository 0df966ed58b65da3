import { type CrossmintOptions, createCrossmint } from '../../../../server/gateways/crossmint/create-crossmint.ts'
import { ProviderError } from '../../../../server/gateways/wallet-provider.ts'
import { signer } from './answers.ts'
import { createImpatientClock } from './clocks.ts'
import type { Peer } from './peer.ts'

export const apiKey = 'sk_staging_secretsecretsecret'

/** A gateway to that peer that does not pause between its tries. */
export function gatewayTo(peer: { url: string }, options: Partial<CrossmintOptions> = {}) {
  return createCrossmint({
    baseUrl: peer.url,
    apiKey,
    signer,
    rateLimit: 'unlimited',
    timeout: 5000,
    clock: createImpatientClock(),
    ...options,
  })
}

/** The error a provider call must end with; anything else fails the test. */
export async function providerErrorOf(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
  throw new Error('The call went well; an error was expected')
}

/** What was asked, short: method and the path below the wallet. */
export function asked(peer: Peer): string[] {
  return peer.requests.map(
    ({ method, path }) => `${method} ${path.replace(/^\/api\/[^/]+\/wallets(\/0x[0-9a-fA-F]{40})?/, '')}`,
  )
}
