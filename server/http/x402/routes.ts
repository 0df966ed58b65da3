import cors from 'cors'
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express'
import * as z from 'zod'
import { type Limit, networkOf } from '../../auth/rate-limits.ts'
import { errorCodes } from '../../contract/errors.ts'
import { DomainError } from '../../domain/domain-error.ts'
import { listForSale } from '../../domain/x402/list-for-sale.ts'
import { MalformedPayment, PaymentRejected } from '../../domain/x402/payment-error.ts'
import { type PresentedPayment, readPayment } from '../../domain/x402/presented-payment.ts'
import { awaitPurchase } from '../../domain/x402/purchase.ts'
import { enterAgain, entryQuestion, readEntry } from '../../domain/x402/re-entry.ts'
import { readSale, requireOpen } from '../../domain/x402/read-sale.ts'
import { MOST_SECONDS } from '../../domain/x402/requirements.ts'
import type { Seller } from '../../domain/x402/seller.ts'
import { takePayment } from '../../domain/x402/take-payment.ts'
import type { Services } from '../../services.ts'
import { type Answer, answerOf, type Offered, offerOf, receipt, rejection, respond, unpaid } from './answers.ts'

/** Milliseconds that a buyer is waited with: less than most proxies would wait. */
const PATIENCE = Math.min(MOST_SECONDS * 1_000, 25_000)

/**
 * Paywalls over HTTP 402, for whoever asks and pays, in both versions of the protocol: see docs/how-to/sell-over-x402.md.
 *
 * 200 paid · 202 on its way, ask again with the same payment · 400 malformed · 402 to be paid, or not paid by this · 403 refused by
 * compliance · 404 no such paywall · 409 closed, or another payment of this identifier · 429 too often
 */
export function x402Routes(services: Services): Router {
  const router = Router()
  router.use(anyPage, (_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  const { seller } = services
  if (!seller) return router
  const sell = sellTo(services, seller)
  router.get('/discovery/resources', forSale(services, seller))
  router.get('/paywalls/:paywallId', sell)
  router.post('/paywalls/:paywallId', sell)
  router.use(refusals)
  return router
}

/** Whoever pays is let in by what they pay: no cookie counts here. */
const anyPage = cors({
  origin: '*',
  methods: ['GET', 'POST'],
  allowedHeaders: ['content-type', 'payment-signature', 'x-payment', 'sign-in-with-x', 'x-request-id'],
  exposedHeaders: ['payment-required', 'payment-response', 'x-payment-response', 'retry-after', 'x-request-id'],
  maxAge: 7200,
})

const sellTo =
  (services: Services, seller: Seller): RequestHandler =>
  async (request, response) => {
    const payment = paymentIn(request)
    const entry = entryIn(request)
    await count(services, request, payment ? 'money' : entry ? 'write' : 'read')
    const paywallId = idIn(request)
    const answer = payment
      ? await sellFor(payment, services, seller, paywallId)
      : entry
        ? await letIn(entry, services, seller, paywallId)
        : offerOf(await offered(services, seller, paywallId))
    respond(response, answer)
  }

async function sellFor(
  payment: PresentedPayment,
  services: Services,
  seller: Seller,
  paywallId: string,
): Promise<Answer> {
  if (seller.identifier === 'required' && payment.identifier === null)
    throw new MalformedPayment('extensions.payment-identifier.info.id: is required here')
  try {
    const paymentId = await takePayment(services, seller, paywallId, payment)
    const purchase = await awaitPurchase(services, paymentId, PATIENCE)
    return answerOf(purchase, payment) ?? unpaid(purchase, payment, await offered(services, seller, paywallId))
  } catch (error) {
    if (!(error instanceof PaymentRejected)) throw error
    return rejection(error, payment, await offered(services, seller, paywallId))
  }
}

async function letIn(entry: Entry, services: Services, seller: Seller, paywallId: string): Promise<Answer> {
  // whoever has paid is let in though nothing is sold any more
  const sale = await readSale(seller, paywallId, nobody)
  const purchase = await enterAgain(services, seller, sale, resourceOf(seller, paywallId), entry)
  if (typeof purchase !== 'string') return receipt(purchase)
  return offerOf(await offered(services, seller, paywallId), purchase)
}

const forSale =
  (services: Services, seller: Seller): RequestHandler =>
  async (request, response) => {
    await count(services, request, 'read')
    const { success, data } = pageAsked.safeParse(request.query)
    if (!success)
      throw new DomainError('INVALID_INPUT', 'limit is 1 to 100, offset 0 to 100000, and type, if it is given, http.')
    const { limit, offset } = data
    const { items, total } = await listForSale(services, seller, data)
    response.json({ x402Version: 2, items, pagination: { limit, offset, total } })
  }

const pageAsked = z.object({
  type: z.literal('http').optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
})

const count = ({ rateLimits }: Services, { ip }: Request, limit: Limit): Promise<void> =>
  rateLimits.consume(limit, `ip:${networkOf(ip ?? '')}`)

const nobody = { payer: '', nonce: '', identifier: null }

const resourceOf = ({ origin }: Seller, paywallId: string) => `${origin}/x402/paywalls/${paywallId}`

async function offered({ clock }: Services, seller: Seller, paywallId: string): Promise<Offered> {
  const { sale, domain } = await readSale(seller, paywallId, nobody)
  requireOpen(sale)
  const resource = resourceOf(seller, paywallId)
  return { seller, sale, domain, resource, question: entryQuestion(seller, clock, resource) }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws NOT_FOUND */
function idIn({ params }: Request): string {
  const id = String(params.paywallId)
  if (!uuid.test(id)) throw new DomainError('NOT_FOUND', 'There is no such paywall. Check the id.')
  return id.toLowerCase()
}

/** @throws MalformedPayment */
function paymentIn({ headers }: Request): PresentedPayment | null {
  const { 'payment-signature': second, 'x-payment': first } = headers
  if (second !== undefined) return readPayment(String(second), 2)
  return first === undefined ? null : readPayment(String(first), 1)
}

type Entry = ReturnType<typeof readEntry>

/** @throws MalformedPayment */
function entryIn({ headers }: Request): Entry | null {
  const header = headers['sign-in-with-x']
  return header === undefined ? null : readEntry(String(header))
}

const refusals: ErrorRequestHandler = (error, _request, response: Response, next) => {
  if (error instanceof MalformedPayment) {
    response.status(400).json({ error: 'invalid_payload', message: `The payment could not be read. ${error.message}` })
    return
  }
  if (!(error instanceof DomainError)) return next(error)
  const { code, message, details } = error
  if (code === 'RATE_LIMITED') response.set('retry-after', String(details?.retryAfterSeconds ?? 1))
  const status = code === 'IDEMPOTENCY_MISMATCH' ? 409 : errorCodes[code].status
  response.status(status).json({ error: code, message, ...(details && { details }) })
}
