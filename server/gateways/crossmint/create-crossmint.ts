import type { WalletProvider } from '../wallet-provider.ts'
import { ProviderError } from '../wallet-provider.ts'
import { type Chains, createChains } from './chains.ts'
import { type CrossmintClient, createClient } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import { createWallet } from './create-wallet.ts'
import { findTransaction } from './find-transaction.ts'
import { type Gateway, toProviderTransaction } from './gateway.ts'
import { ping } from './ping.ts'
import type { Signer } from './signer.ts'
import { submit } from './submit.ts'
import { createTokenBucket } from './token-bucket.ts'
import { createTransport, type RequestReport } from './transport.ts'
import { canonicalEntryPoints, type EntryPoint } from './verify-transaction.ts'

export interface CrossmintOptions {
  /** With `/api` at its end, such as `https://staging.crossmint.com/api`. */
  baseUrl: string
  /** A server key: `sk_staging_…` or `sk_production_…`. */
  apiKey: string
  /** Admin of every wallet that is made, and the one who approves what they do. */
  signer: Signer
  /** Requests a minute, of this process alone. Crossmint gives a project 120 writes and 360 reads: several instances share them. */
  rateLimit?: { writes: number; reads: number } | 'unlimited'
  /** Milliseconds for one HTTP request. A `submit` may make a few of them. */
  timeout?: number
  /** Milliseconds a request may wait for its turn before it is `unavailable` with `retryAfter`. */
  maximumWait?: number
  /** How often one call repeats a request whose outcome is unknown. */
  replays?: number
  /** Crossmint's words for further chains, by chain id. */
  chains?: Readonly<Record<number, string>>
  /**
   * The entry points whose operations we sign; the canonical 0.7, 0.8 and 0.9 by default. `unverified` signs a hash that we
   * cannot recompute, only as good as the provider's word: for the day its entry point turns out to be another one.
   * The calls are compared either way.
   */
  entryPoints?: readonly EntryPoint[] | 'unverified'
  onRequest?: (report: RequestReport) => void
  clock?: Clock
  /** Aborted when the service stops: waits end and requests break off. */
  signal?: AbortSignal
}

export interface Crossmint extends WalletProvider {
  /** Every operation of the REST interface, below the port. */
  readonly client: CrossmintClient
  /** Crossmint's names of the chains it serves here. */
  readonly chains: Chains
}

const minute = 60_000

/**
 * The wallet provider that is Crossmint, over its REST interface. Opens no connection before the first call.
 *
 * @throws RangeError when the rate limit is below the two writes and one read that one transaction needs
 */
export function createCrossmint(options: CrossmintOptions): Crossmint {
  const { rateLimit = { writes: 120, reads: 360 }, clock = systemClock, maximumWait = 10_000, signal } = options
  const limits =
    rateLimit === 'unlimited' ? { writes: Number.POSITIVE_INFINITY, reads: Number.POSITIVE_INFINITY } : rateLimit
  if (!(limits.writes >= 2 && limits.reads >= 1))
    throw new RangeError('Crossmint needs 2 writes and 1 read a minute at least')
  const writes = createTokenBucket({ size: limits.writes, period: minute, clock })
  const reads = createTokenBucket({ size: limits.reads, period: minute, clock })
  const transport = createTransport({
    baseUrl: options.baseUrl,
    apiKey: options.apiKey,
    timeout: options.timeout ?? 10_000,
    maximumWait,
    writes,
    reads,
    clock,
    signal,
    onRequest: options.onRequest,
  })
  const gateway: Gateway = {
    client: createClient(transport),
    signer: options.signer,
    chains: createChains(options.chains),
    entryPoints: options.entryPoints ?? canonicalEntryPoints,
    writes,
    replays: options.replays ?? 2,
    maximumWait,
    clock,
    signal,
  }

  return {
    name: 'crossmint',
    client: gateway.client,
    chains: gateway.chains,
    supports: (chainId) => gateway.chains.slugOf(chainId) !== null,
    ping: () => ping(gateway),
    createWallet: (input) => createWallet(gateway, input),
    submit: (submission, within) => submit(gateway, submission, within),
    async get(wallet, reference) {
      try {
        return toProviderTransaction(await gateway.client.getTransaction(wallet, reference))
      } catch (error) {
        // it took this transaction once; that it does not know it now does not mean that nothing happens
        if (!(error instanceof ProviderError) || error.outcome !== 'refused') throw error
        throw new ProviderError('unknown', error.reason, error.message, { cause: error })
      }
    },
    find: (submission, since) => findTransaction(gateway, submission, since),
  }
}
