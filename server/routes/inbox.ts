import * as z from 'zod'
import { getInboxWebhook } from '../domain/webhooks/get-inbox-webhook.ts'
import { listInbox } from '../domain/webhooks/list-inbox.ts'
import { retryWebhook } from '../domain/webhooks/retry-webhook.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/inbox.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['platform'], scope: 'webhooks:read', limit: 'read' } as const

export const inbox = {
  /** Lists webhooks that came in, newest first, without their bodies. They concern all apps: they are for the platform alone. */
  list: procedure(read)
    .input(
      common.pageRequest.extend({
        source: schema.source.optional(),
        state: schema.inboxState.optional(),
        type: schema.webhookType.optional(),
        from: common.momentInput.optional(),
        to: common.momentInput.optional(),
      }),
    )
    .output(common.pageOf(schema.inboxWebhook))
    .query(({ ctx, input }) => listInbox(ctx.services, input)),

  /** Reads one with its body: the whole of it where it is text, its first bytes where it is not. */
  get: procedure(read)
    .input(z.object({ webhookId: common.id }))
    .output(schema.inboxWebhookBody)
    .query(({ ctx, input }) => getInboxWebhook(ctx.services, input)),

  /** Has one that is dead or rejected looked into again, from the first try on. */
  retry: procedure({ for: ['platform'], scope: 'webhooks:write', limit: 'write' })
    .input(z.object({ webhookId: common.id }))
    .output(schema.inboxWebhook)
    .mutation(({ ctx, input }) => retryWebhook(ctx.services, ctx.principal, input)),
}
