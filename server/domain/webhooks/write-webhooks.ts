import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import { inboxShard } from './inbox.ts'

/** A webhook whose signature was checked, about to be stored. */
export interface WebhookToWrite {
  provider: string
  eventId: string
  type: string | null
  body: Buffer
  receivedAt: Date
}

/** Stores a webhook. False: there is one of this id. */
export type WriteWebhook = (webhook: WebhookToWrite) => Promise<boolean>

/** Commits that may be under way at a time, as of acceptances. */
const COMMITS = 2
/** Rows of one statement: the bodies of all are in memory, and sent, together. */
const MOST = 100

/** Writes webhooks: those that come at a time in one statement and one commit. Each is answered when its own commit is done. */
export function webhookWriter(db: Kysely<Database>): WriteWebhook {
  const write = coalesce(async (webhooks: WebhookToWrite[]) => {
    const stored = new Map<WebhookToWrite, boolean>()
    for (let at = 0; at < webhooks.length; at += MOST) {
      const lot = webhooks.slice(at, at + MOST)
      const isNew = await insert(db, lot)
      for (const webhook of lot) {
        // of several with one id, one is the first
        stored.set(webhook, isNew.delete(keyOf(webhook.provider, webhook.eventId)))
      }
    }
    return stored
  }, COMMITS)
  return async (webhook) => (await write(webhook))!
}

const keyOf = (provider: string, eventId: string) => `${provider} ${eventId}`

async function insert(db: Kysely<Database>, webhooks: readonly WebhookToWrite[]): Promise<Set<string>> {
  const column = <T>(of: (webhook: WebhookToWrite) => T): T[] => webhooks.map(of)
  const { rows } = await atomically(
    db,
    (one) =>
      sql<{ provider: string; event_id: string }>`/* prepared: write-webhooks */
        insert into webhook_inbox (provider, event_id, type, body, state, shard, next_attempt_at, attempts, received_at)
        select provider, event_id, type, body, 'received', shard, received_at, 0, received_at
        from unnest(
          ${column((w) => w.provider)}::text[], ${column((w) => w.eventId)}::text[], ${column((w) => w.type)}::text[],
          ${column((w) => w.body)}::bytea[], ${column((w) => inboxShard(w.eventId))}::int4[],
          ${column((w) => w.receivedAt)}::timestamptz[]
        ) as given (provider, event_id, type, body, shard, received_at)
        on conflict (provider, event_id) do nothing
        returning provider, event_id`.execute(one),
    { idempotent: true },
  )
  return new Set(rows.map((row) => keyOf(row.provider, row.event_id)))
}
