import { isUtf8 } from 'node:buffer'
import type { InboxWebhookBody } from '../../contract/inbox.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import { inboxColumns, inboxWebhookOf } from './inbox-webhook-of.ts'

/** Bytes of a body that is no text that are shown. */
const EXCERPT = 1_024

/**
 * Reads a webhook that came in, with its body: all of it where it is text, else its first kilobyte in base64.
 *
 * @throws NOT_FOUND
 */
export async function getInboxWebhook(
  { db }: Pick<Services, 'db'>,
  { webhookId }: { webhookId: string },
): Promise<InboxWebhookBody> {
  const row = await db
    .selectFrom('webhook_inbox')
    .select(inboxColumns)
    .select('body')
    .where('id', '=', webhookId)
    .executeTakeFirst()
  if (!row) throw notFound('webhook')
  const { body } = row
  const isText = isUtf8(body) && !body.includes(0)
  return {
    ...inboxWebhookOf(row),
    bytes: body.length,
    body: isText ? body.toString() : body.subarray(0, EXCERPT).toString('base64'),
    encoding: isText ? 'utf8' : 'base64',
  }
}
