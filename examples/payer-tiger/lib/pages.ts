'use client'

import type { Client, Page } from '@provider-service/client'
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import { useSurroundings } from '@/components/providers.tsx'

/** A list that grows by a page at a time. `ask` is given the cursor of the next one. */
export function usePages<T>(
  queryKey: QueryKey,
  ask: (client: Client, cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
) {
  const { client } = useSurroundings()
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(client, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  })
}

export type Pages<T> = ReturnType<typeof usePages<T>>
