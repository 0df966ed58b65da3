import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Pool } from 'pg'
import type { Authenticate } from './auth/api-key-principal.ts'
import type { NamedRequest } from './context.ts'
import { errorCodes } from './contract/errors.ts'
import { asDomainError } from './errors.ts'
import { crossmintWebhook } from './http/crossmint-webhook.ts'
import { live, ready } from './http/health.ts'
import { metrics } from './http/metrics.ts'
import { noSuchRoute, problems } from './http/problems.ts'
import { procedures } from './http/procedures.ts'
import { requestId } from './http/request-id.ts'
import type { Services } from './services.ts'

/** What the edge needs beside the services of the domain. */
export interface Edge {
  services: Services
  pool: Pool
  authenticate: Authenticate
  /** Keys that Crossmint may sign its webhooks with: two while one is being changed. */
  webhookKeys: readonly Buffer[]
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
    procedures({
      maxBodySize: MAX_BODY,
      maxBatchSize: MAX_BATCH,
      contextOf(request) {
        let principal: ReturnType<Authenticate> | undefined
        return {
          services,
          requestId: (request as NamedRequest).requestId,
          principal: () => {
            principal ??= authenticate(request.headers.authorization)
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
