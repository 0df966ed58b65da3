import type { Response as ExpressResponse } from 'express'

/**
 * Sends the events of a subscription as they come, no faster than the client reads; one that leaves something unread for `stall`
 * milliseconds is cut off, and may resume. Before the first event it is told from where it would.
 */
export async function sendStream(answer: Response, response: ExpressResponse, stall: number): Promise<void> {
  response.status(200).set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    // nginx would hold it back until it has enough
    'x-accel-buffering': 'no',
  })
  const { resumesFrom } = response.locals
  if (resumesFrom !== undefined) response.write(`id: ${resumesFrom}\n\n`)
  response.flushHeaders()
  const reader = answer.body!.getReader()
  response.once('close', () => void reader.cancel())
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (response.writableCorked === 0) {
      // an event comes in pieces, which travel together
      response.cork()
      setImmediate(() => response.uncork())
    }
    if (!response.write(value) && !(await isRead(response, stall))) return void response.destroy()
  }
  response.end()
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
