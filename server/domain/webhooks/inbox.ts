import { createHash } from 'node:crypto'
import type { WebhookRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { SHARDS } from '../shard.ts'

/** The shard of a webhook: providers choose event ids as they like, so that they are hashed. */
export const inboxShard = (eventId: string): number => createHash('sha256').update(eventId).digest()[0]! % SHARDS

const columns = [
  'provider',
  'event_id',
  'body',
  'state',
  'result',
  'shard',
  'next_attempt_at',
  'attempts',
  'received_at',
  'processed_at',
  'transaction_ids',
] as const

/** Claims due webhooks of a shard, as transactions are claimed. */
export function claimWebhooks(services: Services, shard: number, limit: number): Promise<WebhookRow[]> {
  const now = services.clock.now()
  return atomically(
    services.db,
    (db) =>
      db
        .updateTable('webhook_inbox')
        .set((row) => ({
          next_attempt_at: new Date(now.getTime() + services.patience.lease),
          attempts: row('attempts', '+', 1),
        }))
        .where('event_id', 'in', (due) =>
          due
            .selectFrom('webhook_inbox')
            .select('event_id')
            .where('shard', '=', shard)
            .where('next_attempt_at', '<=', now)
            .orderBy('next_attempt_at', (order) => order.asc().nullsLast())
            .limit(limit),
        )
        .where('next_attempt_at', '<=', now)
        .returning(columns)
        .execute(),
    { idempotent: true },
  )
}

/** Files a webhook that has had its effect, or can have none, with the transactions that it was about. */
export async function fileWebhook(
  services: Services,
  webhook: WebhookRow,
  state: 'processed' | 'rejected',
  result: string,
  transactionIds: readonly string[] = [],
): Promise<void> {
  const filed = {
    state,
    result,
    transaction_ids: [...transactionIds],
    next_attempt_at: null,
    processed_at: services.clock.now(),
  }
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('webhook_inbox')
        .set(filed)
        .where('provider', '=', webhook.provider)
        .where('event_id', '=', webhook.event_id)
        .execute(),
    { idempotent: true },
  )
}

/** Gives a webhook back whose processing failed. */
export async function postponeWebhook(services: Services, webhook: WebhookRow): Promise<void> {
  const wait = Math.min(300_000, 1_000 * 2 ** Math.min(webhook.attempts, 12))
  const due = new Date(services.clock.now().getTime() + wait)
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('webhook_inbox')
        .set({ next_attempt_at: due })
        .where('provider', '=', webhook.provider)
        .where('event_id', '=', webhook.event_id)
        .where('state', '=', 'received')
        .execute(),
    { idempotent: true },
  )
}
