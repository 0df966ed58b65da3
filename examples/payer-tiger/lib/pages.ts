'use client'

import type { Client, Page } from '@provider-service/client'
import { keyOf, type Readable, useService } from '@provider-service/client/react'
import { useInfiniteQuery } from '@tanstack/react-query'

/** A list of the service that grows by a page at a time, kept up to date by its events. */
export function usePages<Input extends { cursor?: string | null | undefined }, Item>(
  select: (service: Client) => Readable<Input, Page<Item>>,
  input: Omit<NoInfer<Input>, 'cursor'>,
) {
  const service = useService()
  return useInfiniteQuery({
    queryKey: [...keyOf(select, input), 'pages'],
    queryFn: ({ pageParam, signal }) => select(service).query({ ...input, cursor: pageParam } as Input, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    // the client repeats by itself what is worth it
    retry: false,
  })
}

/** What a component that shows such a list has to know of it. */
export interface Pages<Item> {
  data: { pages: Page<Item>[] } | undefined
  error: Error | null
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  refetch(): unknown
  fetchNextPage(): unknown
}
