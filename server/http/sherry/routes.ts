import cors from 'cors'
import { type ErrorRequestHandler, json, type Request, type RequestHandler, Router } from 'express'
import { parseAbi, serializeTransaction } from 'viem'
import * as z from 'zod'
import { type Limit, networkOf } from '../../auth/rate-limits.ts'
import type { NamedRequest } from '../../context.ts'
import { type ErrorCode, errorCodes } from '../../contract/errors.ts'
import { DomainError, notFound } from '../../domain/domain-error.ts'
import { purchaseFromOutside } from '../../domain/payments/purchase-from-outside.ts'
import { publicOffer } from '../../domain/paywalls/public-offer.ts'
import { asDomainError } from '../../errors.ts'
import { id } from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { dialects } from './chains.ts'
import { icon } from './icon.ts'
import { miniAppOf } from './mini-app.ts'
import { payerOf, requireChain } from './payer-of.ts'

/** What hosts send is a few hundred bytes. */
const MAX_BODY = 16 * 1024

/**
 * The mini-apps of Sherry, one for every open paywall:
 *
 * `GET  /sherry/paywalls/:paywallId` what a host shows of it; `?sdk=2.20` names chains as versions up to that one do
 * `POST /sherry/paywalls/:paywallId/pay` the unsigned transaction that pays it
 *
 * They are for any page and anybody. No cookie is read or set, nothing is written, and who is named as the payer is believed nothing: a
 * transaction is built, and what it buys is claimed by signing in with the wallet that sent it.
 *
 * 400 no address · 403 refused by compliance · 404 no such paywall · 409 closed · 422 another chain · 429 too often
 */
export function sherryRoutes(services: Services, origin: string): Router {
  const router = Router()
  router.use(forAnyPage)
  router.get('/icon.svg', (_request, response) => {
    response.set('cache-control', 'public, max-age=86400').type('image/svg+xml').send(icon)
  })
  router.use(forThisCall)

  router.get('/paywalls/:paywallId', async (request, response) => {
    await count(services, request, 'read')
    const dialect = dialectOf(request)
    const offer = await publicOffer(services, paywallIdOf(request))
    response.json(miniAppOf(offer, origin, dialect))
  })

  // a form with files has nothing for us: who pays is in its headers and query
  router.post('/paywalls/:paywallId/pay', json({ limit: MAX_BODY }), async (request, response) => {
    await count(services, request, 'write')
    const payer = payerOf(request)
    const offer = await publicOffer(services, paywallIdOf(request))
    const { chainId } = offer.asset
    requireChain(request, chainId)
    const { to, data } = await purchaseFromOutside(services, offer, payer)
    response.json({
      serializedTransaction: serializeTransaction({ type: 'legacy', chainId, to, data }),
      // both dialects take a string; the older refuses a number
      chainId: String(chainId),
      abi: parseAbi(['function transfer(address to, uint256 value) returns (bool)']),
      params: { functionName: 'transfer', args: { to: offer.recipient, value: String(offer.price) } },
    })
  })

  router.use(() => {
    throw new DomainError('NOT_FOUND', 'Of Sherry there is GET /sherry/paywalls/ID and POST /sherry/paywalls/ID/pay.')
  })
  router.use(refusals(services))
  return router
}

/** Any page may call, without what its browser holds for us. */
const forAnyPage: RequestHandler[] = [
  cors({
    origin: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: [
      ...['accept', 'authorization', 'content-type', 'user-agent'],
      ...['x-chain-id', 'x-destination-chain', 'x-request-id', 'x-sdk-version', 'x-timestamp', 'x-wallet-address'],
      ...['x-sherry-client-key', 'x-sherry-mini-app-id', 'x-sherry-operation', 'x-sherry-proxy', 'x-sherry-target-url'],
      ...['x-sherry-user-address', 'x-sherry-version'],
    ],
    exposedHeaders: ['retry-after', 'x-request-id'],
    maxAge: 7200,
  }),
  (_request, response, next) => {
    // an image is loaded by a page without asking
    response.set('cross-origin-resource-policy', 'cross-origin')
    next()
  },
]

/** Prices change and lists do: nothing on the way keeps an answer. */
const forThisCall: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store')
  next()
}

const count = ({ rateLimits }: Services, { ip }: Request, limit: Limit): Promise<void> =>
  rateLimits.consume(limit, `ip:${networkOf(ip ?? '')}`)

function paywallIdOf({ params }: Request): string {
  const { success, data } = id.safeParse(params.paywallId)
  if (!success) throw notFound('paywall')
  return data
}

function dialectOf({ query }: Request) {
  const { success, data } = z.enum(dialects).default('2.27').safeParse(query.sdk)
  if (!success) throw new DomainError('INVALID_INPUT', `Of Sherry's SDK, sdk is one of ${dialects.join(' and ')}.`)
  return data
}

/** As the mini-apps of Sherry's documents answer: a sentence in `error`, which hosts show; with the code, for programs. */
const refusals =
  ({ log }: Services): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const { requestId } = request as unknown as NamedRequest
    const { code, message, details } = unreadable(error) ?? asDomainError(error)
    const { status } = errorCodes[code]
    if (status >= 500) log.error({ requestId, err: error, code }, 'a mini-app was not answered')
    if (code === 'RATE_LIMITED') response.set('retry-after', String(details?.retryAfterSeconds))
    response
      .status(status)
      .json({ error: message, code, requestId, ...(details?.checks ? { checks: details.checks } : {}) })
  }

/** What the parser of bodies refused. */
function unreadable(error: unknown): DomainError | null {
  const { status } = error as { status?: unknown }
  if (typeof status !== 'number' || status >= 500) return null
  const code: ErrorCode = status === 413 ? 'TOO_LARGE' : status === 415 ? 'UNSUPPORTED_MEDIA_TYPE' : 'INVALID_INPUT'
  return new DomainError(code, `The request could not be read. Send JSON of at most ${MAX_BODY / 1024} kB, or no body.`)
}
