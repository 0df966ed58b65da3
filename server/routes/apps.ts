import * as z from 'zod'
import { appOfCall } from '../domain/apps/app-of-call.ts'
import { createApp } from '../domain/apps/create-app.ts'
import { getApp } from '../domain/apps/get-app.ts'
import { updateApp } from '../domain/apps/update-app.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const origins = z.array(common.originInput).max(50)

export const apps = {
  /** Registers a client application, the tenant to which everything belongs, with its pages and its first operators. */
  create: procedure({ for: ['platform'], scope: 'apps:write', limit: 'write' })
    .input(
      z.object({
        name: common.name,
        origins: origins.default([]),
        operators: z.array(common.addressInput).max(20).default([]),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.createdApp)
    .mutation(({ ctx, input }) => createApp(ctx.services, ctx.principal, input)),

  /** Changes an app's name, or the pages that may use it from a browser. */
  update: procedure({ for: ['operator', 'platform'], scope: 'apps:write', limit: 'write' })
    .input(z.object({ appId: common.id.optional(), name: common.name.optional(), origins: origins.optional() }))
    .output(schema.app)
    .mutation(({ ctx, input }) =>
      updateApp(ctx.services, ctx.principal, { ...input, appId: appOfCall(ctx.principal, input.appId) }),
    ),

  /** The app you belong to. */
  mine: procedure({ for: ['user', 'service'], scope: 'apps:read', limit: 'read' })
    .output(schema.app)
    .query(({ ctx }) => getApp(ctx.services, ctx.principal)),
}
