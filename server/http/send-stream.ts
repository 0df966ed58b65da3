import type { Response as ExpressResponse } from 'express'
import superjson from 'superjson'
import type { ServiceEvent } from '../contract/events.ts'
import type { Log } from '../telemetry/log.ts'

/** Events to be told as they come, and the place that they begin behind. */
export interface Told {
  begins: bigint
  events: AsyncIterable<ServiceEvent>
  /** How far all has been told: further than the last event, where others are not for this reader. */
  place(): bigint
}

/** Milliseconds between two signs of life: often enough for proxies on the way, and for a client to notice when none comes. */
const HEARTBEAT = 15_000
/** Milliseconds without any after which a client connects anew. */
const SILENCE = 45_000
/** Milliseconds that a stream lasts: then its client connects anew, to whichever instance. */
const LONGEST = 15 * 60_000

/**
 * Sends events as tRPC's subscriptions are sent, no faster than the client reads. One that leaves something unread for `stall`
 * milliseconds is cut off, and may resume. When the stream ends, its client connects anew and is told then if it may not.
 *
 * tRPC's own way makes four web streams of each and turns each event into text for each: four times the memory and much more work.
 */
export async function sendStream(
  { begins, events, place }: Told,
  response: ExpressResponse,
  { stall, end, log }: { stall: number; end: () => void; log: Log },
): Promise<void> {
  response.status(200).set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    // nginx would hold it back until it has enough
    'x-accel-buffering': 'no',
  })
  response.write(
    `id: ${begins}\n\nevent: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: SILENCE })}\n\n`,
  )
  let last = begins
  const heartbeat = setInterval(() => {
    // with the place, so that a reader who is told little does not have all that is not for them looked through again
    if (place() > last) last = place()
    response.write(`event: ping\ndata:\nid: ${last}\n\n`)
  }, HEARTBEAT)
  const longest = setTimeout(end, LONGEST)
  try {
    for await (const event of events) {
      last = event.position
      if (!response.write(textOf(event)) && !(await isRead(response, stall))) return void response.destroy()
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') log.warn({ err: error }, 'a stream broke off; its client resumes it')
  } finally {
    clearInterval(heartbeat)
    clearTimeout(longest)
    response.end()
  }
}

const texts = new WeakMap<ServiceEvent, string>()

/** An event on the wire: written once for all who follow. */
function textOf(event: ServiceEvent): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = `data: ${superjson.stringify(event)}\nid: ${event.position}\n\n`
  texts.set(event, text)
  return text
}

/** Whether the client reads what was written, within so many milliseconds. */
function isRead(response: ExpressResponse, within: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const [drained, gone] = [() => resolve(true), () => resolve(false)]
  const timer = setTimeout(gone, within)
  response.once('drain', drained).once('close', gone)
  return promise.finally(() => {
    clearTimeout(timer)
    response.off('drain', drained).off('close', gone)
  })
}

/** A subscription that is refused: tRPC tells it within a stream, other calls by their status. */
export async function sendRefusal(answer: Response, response: ExpressResponse): Promise<void> {
  const error = /^event: serialized-error\ndata: (.*)$/m.exec(await answer.text())![1]!
  const { json } = JSON.parse(error) as { json: { data: { httpStatus: number } } }
  response.status(json.data.httpStatus).type('application/json').send(`{"error":${error}}`)
}
