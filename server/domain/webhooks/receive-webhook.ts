import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { inboxShard } from './inbox.ts'

/**
 * Stores a verified webhook, to be processed later. Answers whether it is new: a redelivery finds its row and changes nothing.
 */
export async function receiveWebhook(
  services: Services,
  { provider, eventId, body }: { provider: 'crossmint'; eventId: string; body: Buffer },
): Promise<{ stored: boolean }> {
  const now = services.clock.now()
  const row = await atomically(
    services.db,
    (db) =>
      db
        .insertInto('webhook_inbox')
        .values({
          provider,
          event_id: eventId,
          body,
          state: 'received',
          shard: inboxShard(eventId),
          next_attempt_at: now,
          attempts: 0,
          received_at: now,
        })
        .onConflict((conflict) => conflict.columns(['provider', 'event_id']).doNothing())
        .returning('event_id')
        .executeTakeFirst(),
    { idempotent: true },
  )
  if (row) services.nudge.inbox(eventId)
  return { stored: row !== undefined }
}
