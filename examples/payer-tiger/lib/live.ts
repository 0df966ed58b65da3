'use client'

import { type EventsOptions, events } from '@provider-service/client'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useSurroundings } from '@/components/providers.tsx'

/**
 * Has what was asked for under a key asked for again whenever something of these types happens. What happens between the first answer and the
 * beginning of the stream is not missed: from a known place on, all of it is told.
 */
export function useLive(types: EventsOptions['types'], queryKey: QueryKey): void {
  const { client } = useSurroundings()
  const queries = useQueryClient()
  const wanted = JSON.stringify([types, queryKey])
  useEffect(() => {
    const [types, queryKey] = JSON.parse(wanted) as [NonNullable<EventsOptions['types']>, QueryKey]
    const leaving = new AbortController()
    const { signal } = leaving
    const follow = async () => {
      const { items, nextCursor } = await client.events.list.query({ order: 'newest', limit: 1 }, { signal })
      const from = items[0]?.position ?? BigInt(nextCursor) - 1n
      await queries.invalidateQueries({ queryKey })
      for await (const _ of events(client, { from, types, signal })) void queries.invalidateQueries({ queryKey })
    }
    // signed out, or left: what is shown stays as it was
    follow().catch(() => {})
    return () => leaving.abort()
  }, [client, queries, wanted])
}
