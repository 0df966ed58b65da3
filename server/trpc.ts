import { initTRPC, TRPCError } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import superjson from 'superjson'
import * as z from 'zod'
import type { Context } from './context.ts'
import { type ErrorCode, type ErrorShape, errorCodes } from './contract/errors.ts'
import { DomainError } from './domain/domain-error.ts'
import type { AppPrincipal } from './domain/principal.ts'
import { asDomainError, trpcCodeOf } from './errors.ts'
import { requestIdAtHand } from './http/request-id.ts'

/** What each procedure declares about itself: who may call it. */
export interface Meta {
  for: 'operator' | 'app'
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    transformer: superjson,
    errorFormatter: ({ shape, error, ctx, path }): ErrorShape => {
      const { code, message, details } = asDomainError(error)
      return {
        message,
        code: shape.code,
        data: {
          code,
          httpStatus: errorCodes[code].status,
          retryable: errorCodes[code].retryable,
          requestId: ctx?.requestId ?? requestIdAtHand(),
          path: path ?? null,
          // an output that does not fit is ours, and what is wrong with it is not told
          issues:
            code === 'INVALID_INPUT' && error.cause instanceof z.ZodError
              ? error.cause.issues
                  .slice(0, 20)
                  .map((issue) => ({ path: issue.path.map(String), message: issue.message }))
              : null,
          details: details as ErrorShape['data']['details'],
        },
      }
    },
  })

export const router = t.router

/** Counts, times and logs every call, and gives what the business throws its HTTP status. */
const observed = t.middleware(async ({ ctx, next, path, type }) => {
  const started = performance.now()
  const result = await next()
  const milliseconds = performance.now() - started
  const code: ErrorCode | 'OK' = result.ok ? 'OK' : asDomainError(result.error).code
  ctx.services.metrics.procedureSeconds.observe({ path, code }, milliseconds / 1000)
  ctx.services.log.debug({ requestId: ctx.requestId, path, type, code, milliseconds }, 'call')
  if (result.ok) return result
  const status = trpcCodeOf[code as ErrorCode]
  throw status === result.error.code
    ? result.error
    : new TRPCError({ code: status, message: result.error.message, cause: result.error.cause ?? result.error })
})

/** A procedure for the platform's operators. */
export const operatorProcedure = t.procedure
  .meta({ for: 'operator' })
  .use(observed)
  .use(async ({ ctx, next }) => {
    const principal = await ctx.principal()
    if (!principal) throw unauthenticated()
    if (principal.kind !== 'service' || principal.appId !== null)
      throw new DomainError(
        'FORBIDDEN',
        'This procedure is for the keys of the platform operators, and yours is of an app.',
      )
    return next({ ctx: { principal } })
  })

/** A procedure for an app's servers. */
export const appProcedure = t.procedure
  .meta({ for: 'app' })
  .use(observed)
  .use(async ({ ctx, next }) => {
    const principal = await ctx.principal()
    if (!principal) throw unauthenticated()
    if (principal.kind !== 'service' || principal.appId === null)
      throw new DomainError(
        'FORBIDDEN',
        'This procedure acts for an app. Call it with an API key of that app (apiKeys.create).',
      )
    return next({ ctx: { principal: principal as AppPrincipal } })
  })

const unauthenticated = () =>
  new DomainError(
    'UNAUTHENTICATED',
    'Send a valid API key as "authorization: Bearer psk_…". Yours is missing, unknown, expired or revoked.',
  )

/** The JSON-RPC number of a TRPC code, for answers that tRPC itself does not make. */
export const rpcCode = (code: keyof typeof TRPC_ERROR_CODES_BY_KEY): number => TRPC_ERROR_CODES_BY_KEY[code]
