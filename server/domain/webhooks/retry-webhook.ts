import { transaction } from '../../../db/transaction.ts'
import type { InboxWebhook } from '../../contract/inbox.ts'
import type { Nudge, Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { inboxColumns, inboxWebhookOf } from './inbox-webhook-of.ts'
import { inboxStates } from './states.ts'

/**
 * Has a webhook that is dead or rejected looked into again, from the first try on; who had it is in the audit log.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE for one that waits already, or was processed
 */
export async function retryWebhook(
  services: Pick<Services, 'db' | 'clock'> & { nudge: Pick<Nudge, 'inbox'> },
  principal: Principal,
  { webhookId }: { webhookId: string },
): Promise<InboxWebhook> {
  const webhook = await transaction(services.db, async (trx) => {
    const row = await trx
      .selectFrom('webhook_inbox')
      .select([...inboxColumns, 'version', 'audit_head'])
      .where('id', '=', webhookId)
      .executeTakeFirst()
    if (!row) throw notFound('webhook')
    if (!mayBecome(inboxStates, row.state, 'received'))
      throw new DomainError(
        'NOTHING_TO_CHANGE',
        row.state === 'received'
          ? 'This webhook waits to be looked into already.'
          : 'This webhook was processed. Only one that is dead or rejected is tried again.',
      )
    const now = services.clock.now()
    const step = nextStep(row, {
      object: { type: 'inbox_webhook', id: row.id, appId: PLATFORM },
      principal,
      type: 'inbox_webhook.retried',
      at: now,
      data: {
        source: row.provider,
        event: row.event_id,
        state: row.state,
        attempts: row.attempts,
        lastError: row.last_error,
      },
    })
    const again = { state: 'received', result: null, processed_at: null, next_attempt_at: now, attempts: 0 } as const
    await trx
      .updateTable('webhook_inbox')
      .set({ ...again, ...step.head })
      .where('id', '=', row.id)
      .execute()
    await append(trx, step)
    return { ...row, ...again }
  })
  services.nudge.inbox(webhook.event_id)
  return inboxWebhookOf(webhook)
}
