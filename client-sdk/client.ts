import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import superjson from 'superjson'
import type { AppRouter } from '../server/router.ts'

/** Every procedure of the service, typed. */
export type Client = TRPCClient<AppRouter>

export interface ClientOptions {
  /** Where the service is, such as `https://provider.example.com`. */
  url: string
  /** A key of your app: `psk_…`. It belongs on a server, never in a browser. */
  apiKey: string
  /** Milliseconds after which a call without an answer is given up; 30 000 by default. What it asked for may have happened. */
  timeout?: number
}

/** Connects to the service. Opens no connection before the first call; calls made together travel together. */
export function createClient({ url, apiKey, timeout = 30_000 }: ClientOptions): Client {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        transformer: superjson,
        // the limits of the service; a longer URL would be cut off by proxies
        maxItems: 20,
        maxURLLength: 2_000,
        fetch: (input, init) => {
          const limit = AbortSignal.timeout(timeout)
          const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
          return fetch(input, { ...init, signal })
        },
        headers: { authorization: `Bearer ${apiKey}` },
      }),
    ],
  })
}
