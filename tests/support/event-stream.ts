import superjson from 'superjson'
import type { ServiceEvent } from '../../server/contract/events.ts'

/** A stream of `events.on` as it is on the wire, read without the SDK. */
export interface EventStream extends AsyncDisposable {
  response: Response
  /** The id that came before any event. */
  begins: string | undefined
  /** The last id that came, with an event or a sign of life. */
  place: string | undefined
  events: ServiceEvent[]
  /** The names of all that came, in order: of events `message`. */
  heard: string[]
  /** Settles with the end of the stream, however it ends. */
  ended: Promise<void>
}

export interface Following {
  lastEventId?: string
  types?: string[]
  objectId?: string
}

/** Follows the events of an app. */
export async function followOn(
  url: string,
  headers: Record<string, string>,
  following: Following = {},
): Promise<EventStream> {
  const leaving = new AbortController()
  const input = encodeURIComponent(JSON.stringify(superjson.serialize(following)))
  const response = await fetch(`${url}/trpc/events.on?input=${input}`, { headers, signal: leaving.signal })
  const stream: EventStream = {
    response,
    begins: undefined,
    place: undefined,
    events: [],
    heard: [],
    ended: Promise.resolve(),
    async [Symbol.asyncDispose]() {
      leaving.abort()
      await stream.ended
    },
  }
  if (response.ok) stream.ended = read(response, stream).catch(() => {})
  return stream
}

async function read(response: Response, stream: EventStream): Promise<void> {
  let rest = ''
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      )
      stream.place = fields.id ?? stream.place
      if (fields.id !== undefined && stream.heard.length === 0) stream.begins ??= fields.id
      if (fields.data === undefined) continue
      stream.heard.push(fields.event ?? 'message')
      if (fields.event === undefined) {
        const event = superjson.parse<ServiceEvent>(fields.data)
        if (String(event.position) !== fields.id) throw new Error(`The id is ${fields.id}, not ${event.position}`)
        stream.events.push(event)
      }
    }
  }
}
