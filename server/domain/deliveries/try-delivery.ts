import { sql } from 'kysely'
import { atomically } from '../../../db/transaction.ts'
import { NoAnswer } from '../../gateways/outbound/create-outbound.ts'
import type { Services } from '../../services.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'
import { signWebhook } from './sign-webhook.ts'
import { webhookOf } from './webhook-of.ts'

/** How a try ended. `status`: null when nothing was answered; then `failure` says why. */
export interface Try {
  startedAt: Date
  milliseconds: number
  status: number | null
  failure: string | null
  response: string | null
}

/** Sends an event to its endpoint once. Anything but a 2xx is a failure, a redirect too. */
export async function tryDelivery(
  { clock, outbound }: Pick<Services, 'clock' | 'outbound'>,
  { event, url, secrets }: ClaimedDelivery,
): Promise<Try> {
  const startedAt = clock.now()
  const begun = performance.now()
  const timestamp = Math.floor(startedAt.getTime() / 1000)
  const body = webhookOf(event)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Provider-Service/1 (webhooks)',
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook(secrets, { id: event.id, timestamp, body }),
  }
  const taken = () => ({ startedAt, milliseconds: Math.round(performance.now() - begun) })
  try {
    const { status, excerpt } = await outbound.post({ url, headers, body })
    const failure = status >= 200 && status < 300 ? null : status >= 300 && status < 400 ? 'redirect' : 'status'
    return { ...taken(), status, failure, response: excerpt }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { ...taken(), status: null, failure: error.reason, response: null }
  }
}

/** Writes how a try ended, and when the next one is due (null: there is none), in one statement. */
export async function writeTry(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { row, url }: ClaimedDelivery,
  { startedAt, milliseconds, status, failure, response }: Try,
  next: Date | null,
): Promise<void> {
  const state = failure === null ? 'delivered' : next === null ? 'failed' : 'waiting'
  const number = row.attempts + 1
  // whoever lost the claim, and comes to it after another's try, leaves what that one wrote
  await atomically(
    db,
    (one) =>
      sql`
        with tried as (
          update delivery
          set state = ${state}, attempts = ${number}, spent = spent + 1, next_attempt_at = ${next}, status = ${status},
            failure = ${failure}, ended_at = ${state === 'waiting' ? null : clock.now()}
          where id = ${row.id} and attempts = ${row.attempts} and state = 'waiting'
          returning id
        )
        insert into delivery_attempt (delivery_id, number, url, started_at, milliseconds, status, failure, response)
        select id, ${number}::int4, ${url}::text, ${startedAt}::timestamptz, ${milliseconds}::int4, ${status}::int4,
          ${failure}::text, ${response}::text
        from tried`.execute(one),
    { idempotent: true },
  )
}

/** Gives a delivery back that could not be tried, for a reason of ours: it costs it no try. */
export async function postponeDelivery(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { row }: ClaimedDelivery,
  wait: number,
): Promise<void> {
  await atomically(
    db,
    (one) =>
      one
        .updateTable('delivery')
        .set({ next_attempt_at: new Date(clock.now().getTime() + wait) })
        .where('id', '=', row.id)
        .where('attempts', '=', row.attempts)
        .where('state', '=', 'waiting')
        .execute(),
    { idempotent: true },
  )
}
