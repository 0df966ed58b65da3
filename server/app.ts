import cors from 'cors'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import type { Pool } from 'pg'
import type { Authenticate } from './auth/authenticate.ts'
import { originOf } from './auth/origin-guard.ts'
import { networkOf } from './auth/rate-limits.ts'
import type { SessionCookies } from './auth/session-cookie.ts'
import type { Context, NamedRequest } from './context.ts'
import { errorCodes } from './contract/errors.ts'
import { asDomainError } from './errors.ts'
import { live, ready } from './http/health.ts'
import { inboundWebhook, unknownSource } from './http/inbound-webhook.ts'
import { jwks } from './http/jwks.ts'
import { metrics } from './http/metrics.ts'
import { noSuchRoute, problems } from './http/problems.ts'
import { type Line, procedures } from './http/procedures.ts'
import { requestId } from './http/request-id.ts'
import { sherryRoutes } from './http/sherry/routes.ts'
import { x402Routes } from './http/x402/routes.ts'
import type { InboundSource } from './inbound-sources.ts'
import type { Services } from './services.ts'

/** What the edge needs beside the services of the domain. */
export interface Edge {
  services: Services
  pool: Pool
  authenticate: Authenticate
  cookies: SessionCookies
  /** Whether a page is one of some app's. */
  isKnownOrigin: (origin: string) => Promise<boolean>
  /** Where others find this service: scheme, host and port. */
  publicOrigin: string
  /** Proxies before this service that add to `X-Forwarded-For`. */
  proxies: number
  /** Who sends webhooks. */
  sources: readonly InboundSource[]
}

export const MAX_BODY = 64 * 1024
export const MAX_BATCH = 20

/** The HTTP service, its middleware in order. */
export function createApp(edge: Edge): Express {
  const { services, pool } = edge
  const app = express()
  app.set('trust proxy', edge.proxies)
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(requestId)
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      xFrameOptions: { action: 'deny' },
    }),
  )

  app.get('/health/live', live)
  app.get('/health/ready', ready(services))
  app.get('/metrics', metrics(services, pool))
  for (const source of edge.sources) app.post(`/webhooks/${source.name}`, ...inboundWebhook(services, source))
  app.post('/webhooks/:source', unknownSource)
  app.get('/.well-known/jwks.json', cors(), jwks(services))
  app.use('/sherry', sherryRoutes(services, edge.publicOrigin))

  app.use('/x402', x402Routes(services))

  app.use(
    '/trpc',
    forOneCaller,
    pages(edge),
    procedures({
      maxBodySize: MAX_BODY,
      maxBatchSize: MAX_BATCH,
      stall: services.patience.streamStall,
      log: services.log,
      contextOf: (request, response, line) => ({ ...contextOf(edge, request, response), ...line }),
      onError({ error, path, ctx }) {
        const { code, message } = asDomainError(error)
        const level = errorCodes[code].status >= 500 ? 'error' : 'info'
        const { requestId } = ctx ?? {}
        services.log[level](
          // a path that is none of ours is a caller's text
          {
            requestId,
            path: code === 'NO_SUCH_PROCEDURE' ? undefined : path,
            code,
            err: level === 'error' ? (error.cause ?? error) : undefined,
          },
          message,
        )
      },
    }),
  )

  app.use(noSuchRoute)
  app.use(problems(services.log))
  return app
}

function contextOf(
  { services, authenticate, cookies }: Edge,
  request: Request,
  response: Response,
): Omit<Context, keyof Line> {
  const cookie = cookies(request, response)
  let principal: ReturnType<Authenticate> | undefined
  return {
    services,
    requestId: (request as unknown as NamedRequest).requestId,
    principal: () => {
      principal ??= authenticate(request, cookie)
      return principal
    },
    principalNow: () => authenticate(request, cookie),
    origin: originOf(request),
    network: networkOf(request.ip ?? ''),
    cookie,
    retryAfter: (seconds) => {
      // of a batch, the longest wait
      response.setHeader('retry-after', Math.max(seconds, Number(response.getHeader('retry-after') ?? 0)))
    },
  }
}

/** An answer is for one caller, on one page: nothing on the way keeps it for another. */
const forOneCaller: RequestHandler = (_request, response, next) => {
  response.vary('Origin').set('cache-control', 'no-store')
  next()
}

/** Tells browsers which pages may call: those of the apps, by exact origin. Which app's a caller is, is judged with the caller. */
const pages = ({ services, isKnownOrigin }: Edge) =>
  cors({
    origin: (origin, answer) => {
      if (!origin) return answer(null, false)
      isKnownOrigin(origin).then(
        (known) => answer(null, known && origin),
        (error) => {
          services.log.warn({ err: error }, 'no page is let in: the database does not answer')
          answer(null, false)
        },
      )
    },
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'trpc-accept', 'x-request-id', 'x-trpc-source'],
    exposedHeaders: ['retry-after', 'x-request-id'],
    maxAge: 7200,
  })
