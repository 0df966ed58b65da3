import * as z from 'zod'
import { createApiKey } from '../domain/api-keys/create-api-key.ts'
import { listApiKeys } from '../domain/api-keys/list-api-keys.ts'
import { revokeApiKey } from '../domain/api-keys/revoke-api-key.ts'
import { rotateApiKey } from '../domain/api-keys/rotate-api-key.ts'
import { appOfCall } from '../domain/apps/app-of-call.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const one = z.object({ keyId: common.id })

/** A week: nobody changes a server over for longer, and a key that is replaced should end. */
const LONGEST_OVERLAP = 7 * 86_400

export const apiKeys = {
  /** Makes a key for an app's servers, for some scopes or (null) for all. Its secret is in this answer and nowhere else. */
  create: procedure({ for: ['operator', 'platform'], scope: 'api_keys:write', limit: 'write' })
    .input(
      z.object({
        appId: common.id.optional(),
        name: common.name,
        scopes: z.array(common.scope).min(1).nullable().default(null),
        expiresAt: common.momentInput.nullable().default(null),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.newApiKey)
    .mutation(({ ctx, input }) =>
      createApiKey(ctx.services, ctx.principal, { ...input, appId: appOfCall(ctx.principal, input.appId) }),
    ),

  /** Replaces a key by a new one. The old one goes on for the overlap, an hour by default, so that servers can change over. */
  rotate: procedure({ for: ['operator', 'platform'], scope: 'api_keys:write', limit: 'write' })
    .input(
      one.extend({
        overlapSeconds: z.int().min(1).max(LONGEST_OVERLAP).default(3600),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.newApiKey)
    .mutation(({ ctx, input }) => rotateApiKey(ctx.services, ctx.principal, input)),

  /** Ends a key at once. */
  revoke: procedure({ for: ['operator', 'platform'], scope: 'api_keys:write', limit: 'write' })
    .input(one)
    .output(schema.apiKey)
    .mutation(({ ctx, input }) => revokeApiKey(ctx.services, ctx.principal, input)),

  /** Lists the keys of an app, newest first. */
  list: procedure({ for: ['operator', 'auditor', 'platform'], scope: 'api_keys:read', limit: 'read' })
    .input(common.pageRequest.extend({ appId: common.id.optional() }))
    .output(common.pageOf(schema.apiKey))
    .query(({ ctx, input }) => listApiKeys(ctx.services, { ...input, appId: appOfCall(ctx.principal, input.appId) })),
}
