import type { QueryClient } from '@tanstack/react-query'
import { type Client, errorOf, events, isProviderError, type ServiceEvent } from '../index.ts'
import { pause, tellNews } from '../internal.ts'
import { concerns } from './concerns.ts'
import { meKey } from './me.ts'
import { root } from './query-of.ts'

/** Milliseconds between two rounds of reading again, however much happens. */
const ROUND = 300
const NEXT_TRY = 5_000

/**
 * Keeps what was read up to date, by one stream of events, until its signal: what an event concerns is read again where it is shown,
 * and when it is shown next. Ends when the session has, and has it found out who is there.
 */
export async function keepLive(client: Client, queryClient: QueryClient, signal: AbortSignal): Promise<void> {
  const news = tellNews(client)
  const waiting: ServiceEvent[] = []
  let round: ReturnType<typeof setTimeout> | undefined
  let last = 0
  const readAgain = () => {
    round = undefined
    last = Date.now()
    const told = waiting.splice(0)
    void queryClient.invalidateQueries({
      queryKey: [root],
      predicate: ({ queryKey }) => told.some((event) => concerns(event, queryKey)),
    })
  }
  try {
    const from = await beginning(client, queryClient, signal)
    for await (const event of events(client, { from, signal })) {
      if (event.objectType === 'payment') news.tell(event.objectId)
      waiting.push(event)
      round ??= setTimeout(readAgain, Math.max(0, last + ROUND - Date.now()))
    }
  } catch (error) {
    if (signal.aborted) return
    const ended = isProviderError(error, 'UNAUTHENTICATED') && queryClient.getQueryData(meKey)
    if (ended) await queryClient.invalidateQueries({ queryKey: meKey })
  } finally {
    clearTimeout(round)
    news.leave()
  }
}

/** The place in the feed from which on events are told. What was read before it is read again. */
async function beginning(client: Client, queryClient: QueryClient, signal: AbortSignal): Promise<bigint> {
  for (;;) {
    const asked = Date.now()
    try {
      const { items, nextCursor } = await client.events.list.query({ order: 'newest', limit: 1 }, { signal })
      void queryClient.invalidateQueries({
        queryKey: [root],
        predicate: ({ state, queryKey }) =>
          state.dataUpdatedAt > 0 && state.dataUpdatedAt < asked && queryKey[1] !== 'auth',
      })
      // in an empty feed the cursor is the place of the first event to come
      return items[0]?.position ?? BigInt(nextCursor) - 1n
    } catch (cause) {
      signal.throwIfAborted()
      const error = errorOf(cause)
      if (!error.retryable) throw error
      await pause(NEXT_TRY * (0.5 + Math.random() / 2), signal)
    }
  }
}
