import * as z from 'zod'
import { createApp } from '../domain/apps/create-app.ts'
import { getApp } from '../domain/apps/get-app.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { appProcedure, operatorProcedure } from '../trpc.ts'

export const apps = {
  /** Registers a client application: the tenant to which everything belongs. */
  create: operatorProcedure
    .input(z.object({ name: common.name, idempotencyKey: common.idempotencyKey }))
    .output(schema.createdApp)
    .mutation(({ ctx, input }) => createApp(ctx.services, ctx.principal, input)),

  /** The app your key belongs to. */
  mine: appProcedure.output(schema.app).query(({ ctx }) => getApp(ctx.services, ctx.principal)),
}
