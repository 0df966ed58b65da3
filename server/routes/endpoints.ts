import * as z from 'zod'
import { deleteEndpoint, disableEndpoint, enableEndpoint, updateEndpoint } from '../domain/endpoints/change-endpoint.ts'
import { createEndpoint } from '../domain/endpoints/create-endpoint.ts'
import { listEndpoints } from '../domain/endpoints/list-endpoints.ts'
import { ownerOfCall } from '../domain/endpoints/owner-of.ts'
import { pingEndpoint } from '../domain/endpoints/ping-endpoint.ts'
import { getEndpoint } from '../domain/endpoints/read-endpoint.ts'
import { rotateEndpointSecret } from '../domain/endpoints/rotate-endpoint-secret.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/endpoints.ts'
import { typeNames } from '../schemas/events.ts'
import { procedure } from '../trpc.ts'

const one = z.object({ endpointId: common.id })
const once = one.extend({ idempotencyKey: common.idempotencyKey })
const changed = { for: ['operator', 'service', 'platform'], scope: 'webhooks:write', limit: 'write' } as const
const read = { for: ['operator', 'auditor', 'service', 'platform'], scope: 'webhooks:read', limit: 'read' } as const

export const endpoints = {
  /**
   * Makes an endpoint, which is told by signed webhooks of what happens from now on. Its secret is in this answer and nowhere else.
   * The platform's keys name an app, or make one for the platform itself, which is told of every app.
   */
  create: procedure(changed)
    .input(
      z.object({
        appId: common.id.optional(),
        url: schema.endpointUrl,
        types: typeNames.optional(),
        description: schema.description.default(''),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.endpointWithSecret)
    .mutation(({ ctx, input }) =>
      createEndpoint(ctx.services, ctx.principal, { ...input, appId: ownerOfCall(ctx.principal, input.appId) }),
    ),

  /** Changes where an endpoint is, what it is told of and what it is for. */
  update: procedure(changed)
    .input(
      one.extend({
        url: schema.endpointUrl.optional(),
        types: typeNames.optional(),
        description: schema.description.optional(),
      }),
    )
    .output(schema.endpoint)
    .mutation(({ ctx, input }) => updateEndpoint(ctx.services, ctx.principal, input)),

  /** Tells a disabled endpoint of everything that it has missed, and of what happens from now on. */
  enable: procedure(changed)
    .input(one)
    .output(schema.endpoint)
    .mutation(({ ctx, input }) => enableEndpoint(ctx.services, ctx.principal, input)),

  /** Tells an endpoint of nothing until it is enabled again; what happens meanwhile waits. */
  disable: procedure(changed)
    .input(one)
    .output(schema.endpoint)
    .mutation(({ ctx, input }) => disableEndpoint(ctx.services, ctx.principal, input)),

  /** Ends an endpoint and its secrets for good. */
  delete: procedure(changed)
    .input(one)
    .output(schema.endpoint)
    .mutation(({ ctx, input }) => deleteEndpoint(ctx.services, ctx.principal, input)),

  /** Gives an endpoint a new secret, shown in this answer alone. The one before signs beside it for 24 hours. */
  rotateSecret: procedure(changed)
    .input(once)
    .output(schema.endpointWithSecret)
    .mutation(({ ctx, input }) => rotateEndpointSecret(ctx.services, ctx.principal, input)),

  /** Sends an endpoint the event `endpoint.pinged`, whatever it is told of otherwise. */
  ping: procedure(changed)
    .input(once)
    .output(schema.pinged)
    .mutation(({ ctx, input }) => pingEndpoint(ctx.services, ctx.principal, input)),

  /** An endpoint. */
  get: procedure(read)
    .input(one)
    .output(schema.endpoint)
    .query(({ ctx, input }) => getEndpoint(ctx.services, ctx.principal, input)),

  /** Lists the endpoints of an app, or the platform's, newest first. */
  list: procedure(read)
    .input(common.pageRequest.extend({ appId: common.id.optional() }))
    .output(common.pageOf(schema.endpoint))
    .query(({ ctx, input }) =>
      listEndpoints(ctx.services, { ...input, appId: ownerOfCall(ctx.principal, input.appId) }),
    ),
}
