import { type Client, createClient } from '../index.ts'
import { forwardedHeaders, type ReadableHeaders } from './forwarded-headers.ts'

export interface ServerClientOptions {
  /** Where the service is, as this server reaches it: `http://provider.internal:4000`. */
  url: string
  /** Of the request that is being served. */
  headers: ReadableHeaders
  /** Milliseconds after which a call without an answer is given up; 30 000 by default. */
  timeout?: number
}

/** Whoever signed in, the page that asks (of server actions), and from where; not `Sec-Fetch-Site`, which speaks of the way to your page. */
const forwarded = ['origin', 'x-forwarded-for', 'x-request-id']

/**
 * A client for the while of one request, which calls in the name of whoever sent it: for server components, route handlers and server
 * actions. Their session cookie goes to the service and to nobody else; your app's other cookies stay here. It reads; only a server
 * action, whose request has an `Origin`, can change anything with it. It never sets a cookie: signing in and out is the browser's, through
 * `serviceProxy`.
 *
 * Make one for each request (React's `cache` does), never one for the process: it would be everybody's.
 *
 * @example
 * import { serverClient } from '@provider-service/client/next'
 * import { headers } from 'next/headers'
 * import { cache } from 'react'
 *
 * export const service = cache(async () => serverClient({ url: process.env.PROVIDER_URL!, headers: await headers() }))
 *
 * @throws ProviderServiceError from its calls, as those of `createClient` do
 */
export function serverClient({ url, headers, timeout }: ServerClientOptions): Client {
  const own = forwardedHeaders(headers, forwarded)
  return createClient({
    url,
    ...(timeout !== undefined && { timeout }),
    fetch: (input, init) => {
      const all = new Headers(init?.headers)
      own.forEach((value, name) => {
        all.set(name, value)
      })
      return fetch(input, { ...init, headers: all, cache: 'no-store', redirect: 'manual' })
    },
  })
}
