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

/** A try that is over, and when the next one is due; null: there is none. */
export interface EndedTry {
  delivery: ClaimedDelivery
  tried: Try
  next: Date | null
}

/** How many tries one statement writes at most. */
const LOT = 100

/**
 * Writes how tries ended: those that end while a statement is on its way are written together by the next, so that a commit is not
 * for one alone.
 */
export function tryWriter(services: Pick<Services, 'db' | 'clock'>): (ended: EndedTry) => Promise<void> {
  const waiting: { ended: EndedTry; resolve: () => void; reject: (error: unknown) => void }[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const lot = waiting.splice(0, LOT)
      try {
        await writeTries(
          services,
          lot.map(({ ended }) => ended),
        )
        for (const { resolve } of lot) resolve()
      } catch (error) {
        for (const { reject } of lot) reject(error)
      }
    }
    isWriting = false
  }

  return (ended) =>
    new Promise((resolve, reject) => {
      waiting.push({ ended, resolve, reject })
      if (!isWriting) void writeAll()
    })
}

/** One statement. Whoever lost the claim, and comes to it after another's try, leaves what that one wrote. */
async function writeTries({ db, clock }: Pick<Services, 'db' | 'clock'>, tries: readonly EndedTry[]): Promise<void> {
  const column = <T>(of: (ended: EndedTry) => T): T[] => tries.map(of)
  const stateOf = ({ tried, next }: EndedTry) =>
    tried.failure === null ? 'delivered' : next === null ? 'failed' : 'waiting'
  await atomically(
    db,
    (one) =>
      sql`
        with ended as (
          select id, attempts, state, next_attempt_at, url, started_at, milliseconds, status, failure, response
          from unnest(
            ${column(({ delivery }) => delivery.row.id)}::uuid[], ${column(({ delivery }) => delivery.row.attempts)}::int4[],
            ${column(stateOf)}::text[], ${column(({ next }) => next)}::timestamptz[],
            ${column(({ delivery }) => delivery.url)}::text[], ${column(({ tried }) => tried.startedAt)}::timestamptz[],
            ${column(({ tried }) => tried.milliseconds)}::int4[], ${column(({ tried }) => tried.status)}::int4[],
            ${column(({ tried }) => tried.failure)}::text[], ${column(({ tried }) => tried.response)}::text[]
          ) as q (id, attempts, state, next_attempt_at, url, started_at, milliseconds, status, failure, response)
        ), changed as (
          update delivery
          set state = ended.state, attempts = delivery.attempts + 1, spent = delivery.spent + 1,
            next_attempt_at = ended.next_attempt_at, status = ended.status, failure = ended.failure,
            ended_at = case when ended.state = 'waiting' then null else ${clock.now()}::timestamptz end
          from ended
          where delivery.id = ended.id and delivery.attempts = ended.attempts and delivery.state = 'waiting'
          returning delivery.id
        )
        insert into delivery_attempt (delivery_id, number, url, started_at, milliseconds, status, failure, response)
        select ended.id, ended.attempts + 1, ended.url, ended.started_at, ended.milliseconds, ended.status, ended.failure,
          ended.response
        from ended join changed on changed.id = ended.id`.execute(one),
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
