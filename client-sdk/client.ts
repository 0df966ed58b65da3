import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import superjson from 'superjson'
import type { AppRouter } from '../server/router.ts'
import { type EventSourceInit, FetchEventSource } from './event-source.ts'

/** Every procedure of the service, typed. */
export type Client = TRPCClient<AppRouter>

export interface ClientOptions {
  /** Where the service is, such as `https://provider.example.com`. */
  url: string
  /** A key of your app: `psk_…`. It belongs on a server, never in a browser. */
  apiKey?: string
  /** Gives a token made with `auth.token`, for pages of other sites; asked for anew with each call, so keep it while it lasts. */
  token?: () => string | Promise<string>
  /** Milliseconds after which a call without an answer is given up; 30 000 by default. What it asked for may have happened. */
  timeout?: number
  /** Sends requests in place of the global `fetch`: to add a cookie on a server, say. */
  fetch?: typeof fetch
}

/**
 * Connects to the service. Opens no connection before the first call; calls made together travel together.
 *
 * With an API key or a token, calls are made in its name. Without either, in a browser, they are made in the name of whoever
 * signed in there (see `signIn`).
 */
export function createClient({ url, apiKey, token, timeout = 30_000, fetch: send = fetch }: ClientOptions): Client {
  const bearer = apiKey === undefined ? token : () => apiKey
  const to = { url: `${url.replace(/\/+$/, '')}/trpc`, transformer: superjson } as const
  const headersOf = async (): Promise<Record<string, string>> =>
    bearer ? { authorization: `Bearer ${await bearer()}` } : {}
  // a cookie goes along only where nothing else says who calls
  const credentials = bearer ? 'omit' : 'include'
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          ...to,
          EventSource: FetchEventSource,
          eventSourceOptions: ({ op }): EventSourceInit => ({
            place: op.context,
            send: async (url, { headers, signal }) =>
              send(url, { headers: { ...headers, ...(await headersOf()) }, signal, credentials, cache: 'no-store' }),
          }),
        }),
        false: httpBatchLink({
          ...to,
          // the limits of the service; a longer URL would be cut off by proxies
          maxItems: 20,
          maxURLLength: 2_000,
          fetch: (input, init) => {
            const limit = AbortSignal.timeout(timeout)
            const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
            return send(input as string, { ...init, signal, credentials })
          },
          headers: headersOf,
        }),
      }),
    ],
  })
}
