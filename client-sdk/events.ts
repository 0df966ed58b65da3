import type { ServiceEvent } from '../server/contract/events.ts'
import type { Client } from './client.ts'
import { errorOf } from './errors.ts'
import { pause } from './pause.ts'

export interface EventsOptions {
  /** The position of the last event that you dealt with; 0 is before the first. Without it, from now on. */
  from?: bigint | string
  /** Only these types: `payment.settled`, `payment.*`, `*.attention`. */
  types?: (ServiceEvent['type'] | '*' | `${string}.*` | `*.${string}`)[]
  /** Only events about this object. */
  objectId?: string
  /** Ends the iteration with its reason. */
  signal?: AbortSignal
  /** Milliseconds of a silent stream until events are asked for instead; 10 000 by default. */
  patience?: number
}

const FIRST_WAIT = 250
const LONGEST_WAIT = 15_000
/** Milliseconds between two questions where no stream gets through, and until a stream is tried again. */
const POLL = 1_000
const NEXT_STREAM = 60_000
/** How many events wait for whoever iterates, until the stream is let go and opened again behind them. */
const MOST_WAITING = 1_000

/** Where an iteration stands. */
interface Place {
  position: bigint | undefined
  /** Milliseconds until the next try after a failure. */
  wait: number
}

/**
 * What happens in the app, as it happens: each event once, in the order of the feed, whatever breaks on the way. Keep the `position`
 * of the last event that you dealt with, and another process goes on behind it.
 *
 * @throws ProviderServiceError for what no repetition helps against; the reason of `signal`
 *
 * @example
 * for await (const event of events(client, { types: ['payment.*'] })) if (event.type === 'payment.settled') console.log(event.data.id)
 */
export async function* events(client: Client, options: EventsOptions = {}): AsyncGenerator<ServiceEvent, void> {
  const { from, signal } = options
  const place: Place = { position: from === undefined ? undefined : BigInt(from), wait: FIRST_WAIT }
  for (;;) {
    try {
      const gotThrough = yield* streamed(client, place, options)
      if (!gotThrough) yield* polled(client, place, options)
    } catch (cause) {
      signal?.throwIfAborted()
      const error = errorOf(cause)
      if (!error.retryable) throw error
      await pause(place.wait * (0.5 + Math.random() / 2), signal)
      place.wait = Math.min(LONGEST_WAIT, place.wait * 2)
    }
  }
}

/** Events of a stream, until too many of them wait. @returns false when no stream gets through, or none is given */
async function* streamed(
  client: Client,
  place: Place,
  { types, objectId, signal, patience = 10_000 }: EventsOptions,
): AsyncGenerator<ServiceEvent, boolean> {
  signal?.throwIfAborted()
  const waiting: ServiceEvent[] = []
  const context: { begins?: string } = {}
  let news = Promise.withResolvers<void>()
  let state: 'open' | 'behind' | 'held' = 'open'
  let failure: unknown
  const end = (how: 'behind' | 'held') => {
    state = how
    news.resolve()
  }
  const held = () => end('held')
  let late = setTimeout(held, patience)
  const subscription = client.events.on.subscribe(
    { types, objectId, ...(place.position !== undefined && { lastEventId: String(place.position) }) },
    {
      signal,
      context,
      onConnectionStateChange(connection) {
        clearTimeout(late)
        if (connection.state === 'connecting') late = setTimeout(held, patience)
        // what a stream begins behind is known before its first event
        else if (context.begins !== undefined) place.position ??= BigInt(context.begins)
      },
      onData({ data }) {
        if (state === 'open' && waiting.push(data) === MOST_WAITING) end('behind')
        news.resolve()
      },
      onError(error) {
        if (errorOf(error).code === 'RATE_LIMITED') return held()
        // kept until the next event is asked for: nobody may be waiting now
        failure = error
        news.resolve()
      },
      onComplete: held,
    },
  )
  try {
    for (;;) {
      await news.promise
      news = Promise.withResolvers()
      for (let event = waiting.shift(); event; event = waiting.shift()) {
        if (place.position !== undefined && event.position <= place.position) continue
        place.position = event.position
        place.wait = FIRST_WAIT
        yield event
      }
      signal?.throwIfAborted()
      if (failure) throw failure
      if (state !== 'open') return state === 'behind'
    }
  } finally {
    clearTimeout(late)
    subscription.unsubscribe()
  }
}

/** The same without a stream, for a while. */
async function* polled(
  client: Client,
  place: Place,
  { types, objectId, signal }: EventsOptions,
): AsyncGenerator<ServiceEvent, void> {
  const again = Date.now() + NEXT_STREAM
  if (place.position === undefined) {
    const { items, nextCursor } = await client.events.list.query({ order: 'newest', limit: 1 }, { signal })
    // in an empty feed the cursor is the place of the first event to come
    place.position = items[0]?.position ?? BigInt(nextCursor) - 1n
  }
  while (Date.now() < again) {
    const { items, nextCursor, hasMore } = await client.events.list.query(
      { types, objectId, cursor: String(place.position) },
      { signal },
    )
    place.wait = FIRST_WAIT
    for (const event of items) {
      place.position = event.position
      yield event
    }
    place.position = BigInt(nextCursor)
    if (!hasMore) await pause(POLL, signal)
  }
}
