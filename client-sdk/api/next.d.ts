import { Client, Me, ServiceEvent } from "./index.js";
/** A procedure that reads. */
interface Readable<Input, Output> {
  query(input: Input, options?: {
    signal?: AbortSignal;
  }): Promise<Output>;
}
/** A query as TanStack Query takes it, of everything that asks with `useQuery`, `prefetchQuery` or `ensureQueryData`. */
interface ServiceQuery<Output> {
  queryKey: ServiceKey;
  queryFn: (context: {
    signal: AbortSignal;
  }) => Promise<Output>;
  /** The client repeats by itself what is worth it. */
  retry: false;
}
/** Under what an answer is kept: `['provider-service', 'payments', 'get', { paymentId }]`. */
type ServiceKey = readonly ['provider-service', ...unknown[]];
/**
 * A read of the service as a query for TanStack Query, with the key that the hooks of `/react` use: what is prefetched with it on the
 * server is there when they ask, and events keep it up to date.
 *
 * @example
 * // in a server component
 * const queryClient = new QueryClient(queryDefaults)
 * await queryClient.prefetchQuery(queryOf(await service(), (service) => service.paywalls.get, { paywallId }))
 *
 * @example
 * // in a component of the browser
 * const { data } = useSuspenseQuery(queryOf(useService(), (service) => service.paywalls.list, { limit: 20 }))
 */
declare function queryOf<Input, Output>(client: Client, select: (service: Client) => Readable<Input, Output>, ...[input]: undefined extends Input ? [input?: Input] : [input: Input]): ServiceQuery<Output>;
/**
 * The key of a read, or what the keys of all reads of a procedure or a noun begin with: to invalidate them, or to set what they hold.
 *
 * @example
 * queryClient.invalidateQueries({ queryKey: keyOf((service) => service.payments) })
 */
declare function keyOf(select: (service: Client) => unknown, input?: unknown): ServiceKey;
/**
 * Who is signed in, as a query; null is nobody. Prefetch it on the server, and pages know from the first moment.
 *
 * @example
 * await queryClient.prefetchQuery(meQuery(await service()))
 */
declare const meQuery: (client: Client) => ServiceQuery<Me | null>;
/**
 * Options for a `QueryClient` on the server and for one in the browser, so that amounts (`bigint`) and times (`Date`) are the same on both
 * sides of hydration. Answers count as fresh for half a minute: whatever changes meanwhile is told by events.
 *
 * @example
 * const queryClient = new QueryClient(queryDefaults)
 */
declare const queryDefaults: {
  readonly defaultOptions: {
    readonly queries: {
      readonly staleTime: 30000;
    };
    readonly dehydrate: {
      readonly serializeData: (data: unknown) => unknown;
    };
    readonly hydrate: {
      readonly deserializeData: (data: unknown) => unknown;
    };
  };
};
/** The headers of a request: a `Headers`, or what Next's `headers()` resolves to. */
interface ReadableHeaders {
  get(name: string): string | null | undefined;
}
interface ServerClientOptions {
  /** Where the service is, as this server reaches it: `http://provider.internal:4000`. */
  url: string;
  /** Of the request that is being served. */
  headers: ReadableHeaders;
  /** Milliseconds after which a call without an answer is given up; 30 000 by default. */
  timeout?: number;
}
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
declare function serverClient({ url, headers, timeout }: ServerClientOptions): Client;
interface ServiceProxyOptions {
  /** Where the service is, as this server reaches it: `http://provider.internal:4000`. */
  url: string;
}
/** A route handler, as Next and everything else built on web requests take it. */
type RouteHandler = (request: Request) => Promise<Response>;
/**
 * Route handlers that pass the calls of your pages on to the service, so that they are calls to your own origin: no CORS, and the session
 * cookie is your origin's. Events stream through as they come, and end with whoever reads them.
 *
 * The service judges each call by the page that it came from (`Origin`, `Sec-Fetch-Site`), which are passed on as they are: your app's
 * origin must be one of the app's `origins` there. Of cookies only the service's own pass, in both ways.
 *
 * `X-Forwarded-For` is passed on as it came: let the balancer before your app add the caller's address to it, and tell the service how
 * many proxies to believe (`TRUSTED_PROXIES=1` when it sees your app's own address before that header). Without, all your visitors are one caller to
 * the limits on signing in. If nothing stands before your app, visitors write that header themselves: leave it at 0 then.
 *
 * @example
 * // app/api/provider/[...path]/route.ts; the browser's client has `url: '/api/provider'`
 * import { serviceProxy } from '@provider-service/client/next'
 *
 * export const { GET, POST } = serviceProxy({ url: process.env.PROVIDER_URL! })
 */
declare function serviceProxy({ url }: ServiceProxyOptions): {
  GET: RouteHandler;
  POST: RouteHandler;
};
interface WebhookRouteOptions {
  /** The endpoint's secret, `whsec_…`; two while you change it. */
  secrets: string | readonly string[];
  /**
   * Told of each event that is believed. The same event may come again, and events of one object out of order: keep `event.id` in the same
   * commit as what you do about it, and do nothing the second time. If it throws, the service is told to send the event again.
   */
  onEvent: (event: ServiceEvent) => unknown;
  /** The clock, in milliseconds since 1970. */
  now?: () => number;
}
/**
 * A route handler for the webhooks of the service. Answers 204 when `onEvent` is done, 400 to what the service did not sign, and 500 when
 * `onEvent` throws; then the event comes again, with growing pauses, for three days. Be quick in it, and leave what takes long to a queue.
 *
 * @example
 * // app/api/webhooks/provider/route.ts
 * import { webhookRoute } from '@provider-service/client/next'
 *
 * export const POST = webhookRoute({
 *   secrets: process.env.PROVIDER_WEBHOOK_SECRET!,
 *   async onEvent(event) {
 *     if (event.type === 'payment.settled') await shipOnce(event.id, event.data.paywallId)
 *   },
 * })
 */
declare function webhookRoute({ secrets, onEvent, now }: WebhookRouteOptions): RouteHandler;
export { type Readable, type ReadableHeaders, type RouteHandler, type ServerClientOptions, type ServiceKey, type ServiceProxyOptions, type ServiceQuery, type WebhookRouteOptions, keyOf, meQuery, queryDefaults, queryOf, serverClient, serviceProxy, webhookRoute };