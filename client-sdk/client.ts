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
}

/** Connects to the service. Opens no connection before the first call; calls made together travel together. */
export function createClient({ url, apiKey }: ClientOptions): Client {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        transformer: superjson,
        // the limits of the service; a longer URL would be cut off by proxies
        maxItems: 20,
        maxURLLength: 2_000,
        headers: { authorization: `Bearer ${apiKey}` },
      }),
    ],
  })
}
