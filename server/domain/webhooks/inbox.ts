import { createHash } from 'node:crypto'
import type { WebhookRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { SHARDS } from '../shard.ts'

/** The shard of a webhook: providers choose event ids as they like, so that they are hashed. */
export const inboxShard = (eventId: string): number => createHash('sha256').update(eventId).digest()[0]! % SHARDS

const columns = [
  'id',
  'version',
  'audit_head',
  'provider',
  'event_id',
  'type',
  'body',
  'state',
  'result',
  'last_error',
  'conflicts',
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

/**
 * Files a webhook that has had its effect, or can have none, with the transactions that it was about; null: nobody knows of which.
 */
export const fileWebhook = (
  services: Services,
  webhook: WebhookRow,
  state: 'processed' | 'rejected',
  result: string,
  transactionIds: readonly string[] | null = [],
): Promise<void> =>
  change(services, webhook, {
    state,
    result,
    transaction_ids: transactionIds && [...transactionIds],
    next_attempt_at: null,
    processed_at: services.clock.now(),
  })

/** Looks into a webhook before it is dead: with the waits between them, about five hours. */
export const TRIES = 16

/** From this one on, in milliseconds, waits are no longer doubled. */
const LONGEST_WAIT = 3_600_000

/** Gives a webhook back whose processing failed. After the last try it is dead: it waits for an operator. */
export async function postponeWebhook(services: Services, webhook: WebhookRow, error: unknown): Promise<void> {
  if (webhook.attempts >= TRIES) return buryWebhook(services, webhook, wordOf(error))
  const wait = Math.min(LONGEST_WAIT, 1_000 * 2 ** webhook.attempts)
  await change(services, webhook, {
    last_error: wordOf(error),
    next_attempt_at: new Date(services.clock.now().getTime() + wait),
  })
}

/**
 * Ends the tries. The time that its body is kept begins when an operator has had it tried again: of one that nobody looked at, it has
 * not begun.
 */
export async function buryWebhook(services: Services, webhook: WebhookRow, lastError: string): Promise<void> {
  await change(services, webhook, {
    state: 'dead',
    last_error: lastError,
    next_attempt_at: null,
    processed_at: webhook.version > 0n ? services.clock.now() : null,
  })
  const { id, provider: source, event_id: eventId, type, attempts } = webhook
  const said = { alert: true, webhookId: id, source, eventId, type, attempts, lastError }
  services.log.error(said, 'a webhook is dead: it could not be processed')
}

/** What went wrong, in a word: a code where there is one. Messages may have what was sent in them. */
function wordOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  const words = [code, name].filter((word) => typeof word === 'string' && /^[\w.-]{1,60}$/.test(word))
  return (words[0] as string | undefined) ?? 'unknown'
}

/** Changes one that waits; whoever came too late changes nothing. */
async function change(services: Services, { provider, event_id }: WebhookRow, patch: Patch): Promise<void> {
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('webhook_inbox')
        .set(patch)
        .where('provider', '=', provider)
        .where('event_id', '=', event_id)
        .where('state', '=', 'received')
        .execute(),
    { idempotent: true },
  )
}

type Patch = Partial<
  Pick<WebhookRow, 'state' | 'result' | 'transaction_ids' | 'next_attempt_at' | 'processed_at' | 'last_error'>
>
