import * as z from 'zod'
import type * as entity from '../contract/inbox.ts'

export const inboxState = z.enum(['received', 'processed', 'rejected', 'dead'])

export const inboxWebhookShape = z.object({
  id: z.string(),
  source: z.string(),
  eventId: z.string(),
  type: z.string().nullable(),
  state: z.enum(['received', 'processed', 'rejected', 'dead']),
  result: z.string().nullable(),
  lastError: z.string().nullable(),
  attempts: z.number(),
  conflicts: z.number(),
  receivedAt: z.date(),
  processedAt: z.date().nullable(),
  nextAttemptAt: z.date().nullable(),
})
export const inboxWebhook: z.core.$ZodType<entity.InboxWebhook, entity.InboxWebhook> = inboxWebhookShape

export const inboxWebhookBodyShape = inboxWebhookShape.extend({
  bytes: z.number(),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
})
export const inboxWebhookBody: z.core.$ZodType<entity.InboxWebhookBody, entity.InboxWebhookBody> = inboxWebhookBodyShape

/** The name of a source. */
export const source = z
  .string()
  .max(40)
  .regex(/^[a-z0-9-]+$/, 'a source is named in lower-case letters, digits and "-"')

/** A type, whole, as a webhook says it. */
export const webhookType = z.string().regex(/^[\w.:/-]{1,100}$/, 'a type is such as wallets.transfer.in')
