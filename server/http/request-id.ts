import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { NamedRequest } from '../context.ts'

const atHand = new AsyncLocalStorage<string>()

/** The id of the request at hand, for answers that are made before it has a context, such as to a batch that is too large. */
export const requestIdAtHand = (): string => atHand.getStore() ?? ''

/** Names every request, in its answer and in every log line about it. A caller's own name is kept if it is a plain one. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
  ;(request as unknown as NamedRequest).requestId = id
  response.setHeader('x-request-id', id)
  atHand.run(id, next)
}
