import { atomically, reading } from '../../../db/transaction.ts'
import { readType } from '../../gateways/webhooks/read-type.ts'
import type { Services } from '../../services.ts'

/** `repeated`: there is one of this id. `conflicting`: there is, and it has another body; the first is kept. */
export type Reception = 'stored' | 'repeated' | 'conflicting'

/** Stores a verified webhook, to be processed later. A redelivery finds its row and changes nothing. */
export async function receiveWebhook(
  services: Pick<Services, 'db' | 'clock' | 'nudge' | 'writeWebhook'>,
  webhook: { provider: string; eventId: string; body: Buffer },
): Promise<Reception> {
  const { provider, eventId, body } = webhook
  const receivedAt = services.clock.now()
  if (await services.writeWebhook({ ...webhook, type: readType(body), receivedAt })) {
    services.nudge.inbox(eventId)
    return 'stored'
  }
  const first = await atomically(
    services.db,
    (db) =>
      db
        .selectFrom('webhook_inbox')
        .select('body')
        .where('provider', '=', provider)
        .where('event_id', '=', eventId)
        .executeTakeFirst(),
    reading,
  )
  if (!first || first.body.equals(body)) return 'repeated'
  await atomically(
    services.db,
    (db) =>
      db
        .updateTable('webhook_inbox')
        .set((row) => ({ conflicts: row('conflicts', '+', 1) }))
        .where('provider', '=', provider)
        .where('event_id', '=', eventId)
        .execute(),
    // counted once too often is better than not answered
    { idempotent: true },
  )
  return 'conflicting'
}
