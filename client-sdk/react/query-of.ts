import type { Client } from '../index.ts'

/** A procedure that reads. */
export interface Readable<Input, Output> {
  query(input: Input, options?: { signal?: AbortSignal }): Promise<Output>
}

/** A query as TanStack Query takes it, of everything that asks with `useQuery`, `prefetchQuery` or `ensureQueryData`. */
export interface ServiceQuery<Output> {
  queryKey: ServiceKey
  queryFn: (context: { signal: AbortSignal }) => Promise<Output>
  /** The client repeats by itself what is worth it. */
  retry: false
}

/** Under what an answer is kept: `['provider-service', 'payments', 'get', { paymentId }]`. */
export type ServiceKey = readonly ['provider-service', ...unknown[]]

/** What the keys of all answers of the service begin with. */
export const root = 'provider-service'

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
export function queryOf<Input, Output>(
  client: Client,
  select: (service: Client) => Readable<Input, Output>,
  ...[input]: undefined extends Input ? [input?: Input] : [input: Input]
): ServiceQuery<Output> {
  return {
    queryKey: keyOf(select, input),
    queryFn: ({ signal }) => select(client).query(input as Input, { signal }),
    retry: false,
  }
}

/**
 * The key of a read, or what the keys of all reads of a procedure or a noun begin with: to invalidate them, or to set what they hold.
 *
 * @example
 * queryClient.invalidateQueries({ queryKey: keyOf((service) => service.payments) })
 */
export function keyOf(select: (service: Client) => unknown, input?: unknown): ServiceKey {
  const path: string[] = []
  const names: unknown = new Proxy(() => {}, {
    get(_, name) {
      path.push(String(name))
      return names
    },
  })
  select(names as Client)
  const plain = plainOf(input)
  return [root, ...path, ...(plain === undefined ? [] : [plain])]
}

/** As JSON has it, without what is not said: TanStack Query cannot keep anything under an amount. */
const plainOf = (input: unknown): unknown =>
  input === undefined
    ? undefined
    : JSON.parse(JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
