import * as z from 'zod'
import { createApiKey } from '../domain/api-keys/create-api-key.ts'
import { listApiKeys } from '../domain/api-keys/list-api-keys.ts'
import { revokeApiKey } from '../domain/api-keys/revoke-api-key.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { operatorProcedure } from '../trpc.ts'

export const apiKeys = {
  /** Makes a key for an app's servers. Its secret is in this answer and nowhere else. */
  create: operatorProcedure
    .input(
      z.object({
        appId: common.id,
        name: common.name,
        expiresAt: common.momentInput.nullable().default(null),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.newApiKey)
    .mutation(({ ctx, input }) => createApiKey(ctx.services, ctx.principal, input)),

  /** Ends a key at once. */
  revoke: operatorProcedure
    .input(z.object({ keyId: common.id }))
    .output(schema.apiKey)
    .mutation(({ ctx, input }) => revokeApiKey(ctx.services, ctx.principal, input)),

  /** Lists the keys of an app, newest first. */
  list: operatorProcedure
    .input(common.pageRequest.extend({ appId: common.id }))
    .output(common.pageOf(schema.apiKey))
    .query(({ ctx, input }) => listApiKeys(ctx.services, input)),
}
