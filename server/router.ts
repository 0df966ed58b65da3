import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server'
import { type Meta, requireDeclarations } from './auth/admit.ts'
import type { ErrorShape } from './contract/errors.ts'
import * as routes from './routes/index.ts'
import { router } from './trpc.ts'

export const appRouter = router(routes)

requireDeclarations(appRouter._def.procedures)

/** The router as its clients see it: every procedure, and nothing of the server's context. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: Meta; errorShape: ErrorShape; transformer: true },
  TRPCDecorateCreateRouterOptions<typeof routes>
>
