import { initTRPC, TRPCError } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import superjson from 'superjson'
import * as z from 'zod'
import { admit, type Callers, type Meta, type PrincipalOf } from './auth/admit.ts'
import type { Context } from './context.ts'
import { type ErrorCode, type ErrorShape, errorCodes } from './contract/errors.ts'
import type { Principal } from './domain/principal.ts'
import { asDomainError, trpcCodeOf } from './errors.ts'
import { requestIdAtHand } from './http/request-id.ts'

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
  const error = result.ok ? null : asDomainError(result.error)
  const code: ErrorCode | 'OK' = error?.code ?? 'OK'
  ctx.services.metrics.procedureSeconds.observe({ path, code }, milliseconds / 1000)
  ctx.services.log.debug({ requestId: ctx.requestId, path, type, code, milliseconds }, 'call')
  if (result.ok) return result
  if (error?.code === 'RATE_LIMITED') ctx.retryAfter(Number(error.details?.retryAfterSeconds))
  const status = trpcCodeOf[code as ErrorCode]
  throw status === result.error.code
    ? result.error
    : new TRPCError({ code: status, message: result.error.message, cause: result.error.cause ?? result.error })
})

/**
 * A procedure, which says who may call it, with what scope and how often. There is no other way to make one.
 *
 * What is for anyone does not look at who calls.
 */
export function procedure<const For extends Callers>(declaration: Meta & { for: For }) {
  return t.procedure
    .meta(declaration)
    .use(observed)
    .use(async ({ ctx, next }) => {
      const principal = declaration.for.includes('anyone') ? null : await ctx.principal()
      await ctx.services.rateLimits.consume(declaration.limit, countedAs(principal, ctx))
      admit(declaration, principal)
      const admitted = async (): Promise<Principal> => {
        const now = await ctx.principalNow()
        admit(declaration, now)
        return now!
      }
      return next({ ctx: { principal: principal as PrincipalOf<For[number]>, admitted } })
    })
}

/** Under whose name calls are counted: all keys of an app, and all sessions of a user, are one. */
function countedAs(principal: Principal | null, { network }: Context): string {
  if (principal?.kind === 'user') return `user:${principal.userId}`
  if (principal?.kind === 'service') return `app:${principal.appId ?? 'platform'}`
  return `ip:${network}`
}

/** The JSON-RPC number of a TRPC code, for answers that tRPC itself does not make. */
export const rpcCode = (code: keyof typeof TRPC_ERROR_CODES_BY_KEY): number => TRPC_ERROR_CODES_BY_KEY[code]
