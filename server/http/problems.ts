import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { NamedRequest } from '../context.ts'
import { errorCodes } from '../contract/errors.ts'
import { asDomainError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'

/** What a raw route answers with when something went wrong: the same codes as the procedures. */
export const problems =
  (log: Log): ErrorRequestHandler =>
  (error, request, response, next) => {
    const { requestId } = request as unknown as NamedRequest
    if (response.headersSent) return next(error)
    const tooLarge = error?.type === 'entity.too.large'
    const broken = typeof error?.status === 'number' && error.status < 500
    const { code, message } = asDomainError(error)
    const status = broken ? error.status : errorCodes[code].status
    log[status < 500 ? 'warn' : 'error']({ requestId, err: broken ? undefined : error, status }, 'request failed')
    response.status(status).json({
      error: tooLarge ? 'TOO_LARGE' : broken ? 'INVALID_INPUT' : code,
      message: tooLarge
        ? 'The body is larger than this route takes.'
        : broken
          ? 'The request could not be read.'
          : message,
      requestId,
    })
  }

export const noSuchRoute: RequestHandler = (_request, response) => {
  response.status(404).json({
    error: 'NO_SUCH_ROUTE',
    message:
      'Procedures are under /trpc. Other routes: /health/live, /health/ready, /metrics, POST /webhooks/SOURCE, /sherry/paywalls/ID, /x402/paywalls/ID.',
  })
}
