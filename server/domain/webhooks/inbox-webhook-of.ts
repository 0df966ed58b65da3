import type { WebhookRow } from '../../../db/schema.ts'
import type { InboxWebhook } from '../../contract/inbox.ts'

export const inboxColumns = [
  'id',
  'provider',
  'event_id',
  'type',
  'state',
  'result',
  'last_error',
  'attempts',
  'conflicts',
  'received_at',
  'processed_at',
  'next_attempt_at',
] as const

/** A webhook as operators see it: without its body. */
export const inboxWebhookOf = (row: Pick<WebhookRow, (typeof inboxColumns)[number]>): InboxWebhook => ({
  id: row.id,
  source: row.provider,
  eventId: row.event_id,
  type: row.type,
  state: row.state,
  result: row.result,
  lastError: row.last_error,
  attempts: row.attempts,
  conflicts: row.conflicts,
  receivedAt: row.received_at,
  processedAt: row.processed_at,
  nextAttemptAt: row.next_attempt_at,
})
