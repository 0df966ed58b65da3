import {
  createTRPCClientProxy,
  httpBatchLink,
  httpSubscriptionLink,
  type TRPCClient,
  type TRPCLink,
  type TRPCRequestOptions,
  TRPCUntypedClient,
} from '@trpc/client'
import superjson from 'superjson'
import type { AppRouter } from '../server/router.ts'
import { errorOf, isProviderError, strangeAnswer } from './errors.ts'
import { type EventSourceInit, FetchEventSource } from './event-source.ts'
import { repeat } from './repeat.ts'

/** Every procedure of the service, typed. */
export type Client = TRPCClient<AppRouter>

export interface ClientOptions {
  /** Where the service is, such as `https://provider.example.com`. */
  url: string
  /** A key of your app: `psk_…`. It belongs on a server, never in a browser. */
  apiKey?: string
  /** Gives a token made with `auth.token`, for pages of other sites: at each call, so keep it; and anew for one that was refused. */
  token?: (refused?: string) => string | Promise<string>
  /** Milliseconds until a try without an answer is given up, 30 000 by default; what it asked for may have happened. */
  timeout?: number
  /** How often a call is repeated that is safe to repeat; 2 by default. */
  retries?: number
  /** Sends requests in place of the global `fetch`. */
  fetch?: typeof fetch
}

/**
 * Connects to the service at the first call. Calls are made in the name of the API key or token or, without either, of whoever signed in
 * in this browser (see `signIn`).
 *
 * Queries, and mutations with an `idempotencyKey`, are repeated when their answer is lost or they may succeed later; no other mutation
 * is sent twice. What fails throws a `ProviderServiceError`; an aborted call, the reason of its signal.
 *
 * @example
 * const client = createClient({ url: 'https://provider.example.com', apiKey: process.env.PROVIDER_API_KEY })
 * const { name } = await client.apps.mine.query()
 */
export function createClient({
  url,
  apiKey,
  token,
  timeout = 30_000,
  retries = 2,
  fetch: send,
}: ClientOptions): Client {
  const caller = callerOf(apiKey, token)
  const to = { url: `${url.replace(/\/+$/, '')}/trpc`, transformer: superjson } as const
  // a cookie goes along only where nothing else says who calls
  const credentials = caller ? 'omit' : 'include'
  const headersOf = async (): Promise<Record<string, string>> =>
    caller ? { authorization: `Bearer ${await caller.token()}` } : {}
  // looked up when it is called: whoever watches or replaces it may do so later
  const fetch: typeof globalThis.fetch = (input, init) => (send ?? globalThis.fetch)(input, init)
  const streams: TRPCLink<AppRouter> = httpSubscriptionLink({
    ...to,
    EventSource: FetchEventSource,
    eventSourceOptions: ({ op }): EventSourceInit => ({
      place: op.context,
      send: async (url, { headers, signal }) => {
        const open = async () =>
          fetch(url, { headers: { ...headers, ...(await headersOf()) }, signal, credentials, cache: 'no-store' })
        const response = await open()
        return response.status === 401 && caller?.refused() ? open() : response
      },
    }),
  })
  const calls: TRPCLink<AppRouter> = httpBatchLink({
    ...to,
    // the limits of the service; a longer URL would be cut off by proxies
    maxItems: 20,
    maxURLLength: 2_000,
    fetch: async (input, init) => {
      const limit = AbortSignal.timeout(timeout)
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
      const response = await fetch(input as string, { ...(init as RequestInit), signal, credentials })
      if (!response.headers.get('content-type')?.includes('json')) throw strangeAnswer(response)
      return response
    },
    headers: headersOf,
  })
  const link: TRPCLink<AppRouter> = (runtime) => {
    const [stream, call] = [streams(runtime), calls(runtime)]
    return (options) => (options.op.type === 'subscription' ? stream : call)(options)
  }
  return createTRPCClientProxy(new Calls(link, caller, retries + 1))
}

/** What a call may say beside its input, among ourselves: how often it is tried, although its input has no key. */
interface CallContext {
  tries?: number
}

/** With the growing pauses between, that is about two minutes. */
export const persistent = { tries: 30 } satisfies CallContext

/** Calls that are repeated where that is safe, and throw the one error. */
class Calls extends TRPCUntypedClient<AppRouter> {
  readonly #caller: Caller | null
  readonly #tries: number

  constructor(link: TRPCLink<AppRouter>, caller: Caller | null, tries: number) {
    super({ links: [link] })
    this.#caller = caller
    this.#tries = tries
  }

  override query(path: string, input?: unknown, options?: TRPCRequestOptions): Promise<unknown> {
    return this.#call(() => super.query(path, input, options), true, options)
  }

  override mutation(path: string, input?: unknown, options?: TRPCRequestOptions): Promise<unknown> {
    const hasKey = typeof input === 'object' && input !== null && 'idempotencyKey' in input
    return this.#call(() => super.mutation(path, input, options), hasKey, options)
  }

  #call(send: () => Promise<unknown>, repeatable: boolean, { signal, context }: TRPCRequestOptions = {}) {
    const { tries = repeatable ? this.#tries : 1 } = (context ?? {}) as CallContext
    const sendAs = async () => {
      try {
        return await send()
      } catch (cause) {
        const error = errorOf(cause)
        // refused before anything was done
        if (isProviderError(error, 'UNAUTHENTICATED') && this.#caller?.refused()) return send()
        throw error
      }
    }
    return repeat(sendAs, tries, signal)
  }
}

/** In whose name calls are made. */
interface Caller {
  token(): string | Promise<string>
  /** Notes that what was given last was refused. @returns whether another can be had */
  refused(): boolean
}

function callerOf(apiKey: string | undefined, token: ClientOptions['token']): Caller | null {
  if (apiKey !== undefined) return { token: () => apiKey, refused: () => false }
  if (!token) return null
  let last: string | undefined
  let refused: string | undefined
  return {
    async token() {
      last = await token(refused)
      if (last !== refused) refused = undefined
      return last
    },
    refused() {
      refused = last
      return true
    },
  }
}
