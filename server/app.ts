import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Pool } from 'pg'
import type { Authenticate } from './auth/api-key-principal.ts'
import type { Context, NamedRequest } from './context.ts'
import { errorCodes } from './contract/errors.ts'
import { asDomainError } from './errors.ts'
import { crossmintWebhook } from './http/crossmint-webhook.ts'
import { live, ready } from './http/health.ts'
import { metrics } from './http/metrics.ts'
import { noSuchRoute, problems } from './http/problems.ts'
import { requestId } from './http/request-id.ts'
import { appRouter } from './router.ts'
import type { Services } from './services.ts'

/** What the edge needs beside the services of the domain. */
export interface Edge {
  services: Services
  pool: Pool
  authenticate: Authenticate
  /** Keys that Crossmint may sign its webhooks with: two while one is being changed. */
  webhookKeys: readonly Buffer[]
}

/** Sends head and body of an answer in one piece; tRPC writes them one after the other. What is streamed is left alone. */
const inOneWrite: RequestHandler = (request, response, next) => {
  if (!request.headers.accept?.includes('text/event-stream')) {
    response.cork()
    const write = response.write.bind(response) as (...args: unknown[]) => boolean
    response.write = (...args: unknown[]) => {
      const hasRoom = write(...args)
      // whoever writes waits until it is drained, and nothing drains while corked
      if (!hasRoom) response.uncork()
      return hasRoom
    }
  }
  next()
}

export const MAX_BODY = 64 * 1024
export const MAX_BATCH = 20

/** The HTTP service, its middleware in order. */
export function createApp({ services, pool, authenticate, webhookKeys }: Edge): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(requestId)
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    }),
  )

  app.get('/health/live', live)
  app.get('/health/ready', ready(services))
  app.get('/metrics', metrics(services, pool))
  app.post('/webhooks/crossmint', ...crossmintWebhook(services, webhookKeys))

  app.use(
    '/trpc',
    inOneWrite,
    createExpressMiddleware({
      router: appRouter,
      maxBodySize: MAX_BODY,
      maxBatchSize: MAX_BATCH,
      createContext: ({ req }): Context => {
        let principal: ReturnType<Authenticate> | undefined
        return {
          services,
          requestId: (req as unknown as NamedRequest).requestId,
          principal: () => {
            principal ??= authenticate(req.headers.authorization)
            return principal
          },
        }
      },
      onError({ error, path, ctx }) {
        const { code } = asDomainError(error)
        const level = errorCodes[code].status >= 500 ? 'error' : 'info'
        const { requestId } = ctx ?? {}
        services.log[level](
          { requestId, path, code, err: level === 'error' ? (error.cause ?? error) : undefined },
          error.message,
        )
      },
    }),
  )

  app.use(noSuchRoute)
  app.use(problems(services.log))
  return app
}
