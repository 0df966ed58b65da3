import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { NamedRequest } from '../context.ts'

/** Names every request, in its answer and in every log line about it. A caller's own name is kept if it is a plain one. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
  ;(request as unknown as NamedRequest).requestId = id
  response.setHeader('x-request-id', id)
  next()
}
