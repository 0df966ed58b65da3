import type { Payment } from '../server/contract/entities.ts'
import type { Client } from './client.ts'

/** Whether nothing more happens to a payment by itself. */
export const isOver = ({ state }: Payment) => state !== 'held' && state !== 'accepted' && state !== 'submitted'

/** Tells of news about payments, as long as it is needed. */
export interface News {
  /** Whether a stream tells of them now. */
  readonly live: boolean
  /** Resolves when something has happened to the payment, or may have; rejects never. */
  about(paymentId: string): Promise<void>
  /** To be called by each who asked for it, once. */
  leave(): void
}

interface Stream extends News {
  readers: number
}

const streams = new WeakMap<Client, Stream>()

/**
 * What happens to payments, by one stream for all that wait on a client. Where none gets through, or the caller may not have one, nothing
 * is told: whoever waits asks now and then, and sooner when there is news.
 */
export function newsOf(client: Client): News {
  const stream = streams.get(client) ?? open(client)
  stream.readers++
  return stream
}

function open(client: Client): Stream {
  const { stream, tell, goes } = streamOf(() => {
    if (streams.get(client) === stream) streams.delete(client)
    subscription.unsubscribe()
  })
  const subscription = client.events.on.subscribe(
    { types: ['payment.*'] },
    {
      onData: ({ data }) => tell(data.objectId),
      onConnectionStateChange: ({ state }) => goes(state === 'pending'),
      onError: () => goes(false),
    },
  )
  streams.set(client, stream)
  return stream
}

/** What tells others of payments. */
export interface Teller {
  tell(paymentId: string): void
  /** Nothing is told any more. */
  leave(): void
}

/** For whoever follows the events of a client anyway: all that wait on it are told by them, and no other stream is opened. */
export function tellNews(client: Client): Teller {
  const { stream, tell, goes } = streamOf(() => {})
  goes(true)
  streams.set(client, stream)
  return {
    tell,
    leave() {
      if (streams.get(client) === stream) streams.delete(client)
      goes(false)
    },
  }
}

/** @param onIdle when nobody reads any more */
function streamOf(onIdle: () => void) {
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  let live = false
  const tell = (paymentId: string) => {
    waiting.get(paymentId)?.resolve()
    waiting.delete(paymentId)
  }
  const goes = (now: boolean) => {
    if (live === now) return
    live = now
    // whatever happened meanwhile was not told
    for (const paymentId of [...waiting.keys()]) tell(paymentId)
  }
  const stream: Stream = {
    readers: 0,
    get live() {
      return live
    },
    about(paymentId) {
      const news = waiting.get(paymentId) ?? Promise.withResolvers<void>()
      waiting.set(paymentId, news)
      return news.promise
    },
    leave() {
      if (--stream.readers === 0) onIdle()
    },
  }
  return { stream, tell, goes }
}
