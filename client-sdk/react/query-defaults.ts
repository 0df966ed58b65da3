import superjson, { type SuperJSONResult } from 'superjson'

/**
 * Options for a `QueryClient` on the server and for one in the browser, so that amounts (`bigint`) and times (`Date`) are the same on both
 * sides of hydration. Answers count as fresh for half a minute: whatever changes meanwhile is told by events.
 *
 * @example
 * const queryClient = new QueryClient(queryDefaults)
 */
export const queryDefaults = {
  defaultOptions: {
    queries: { staleTime: 30_000 },
    dehydrate: { serializeData: (data: unknown): unknown => superjson.serialize(data) },
    hydrate: { deserializeData: (data: unknown): unknown => superjson.deserialize(data as SuperJSONResult) },
  },
} as const
