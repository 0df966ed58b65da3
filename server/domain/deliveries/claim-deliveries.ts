import type { DeliveryRow } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { ServiceEvent } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { eventColumns, eventOf, feedOf } from '../events/event-of.ts'
import { deliveryColumns } from './delivery-of.ts'

/** A delivery that is to be tried now, and all that is needed for it. */
export interface ClaimedDelivery {
  row: DeliveryRow
  claimedUntil: Date
  event: ServiceEvent
  url: string
  /** When the endpoint first failed after it last did not, as it was known at the claim. */
  failingSince: Date | null
  /** The newest first. */
  secrets: string[]
}

/** The enabled endpoints that something waits for. */
export async function dueEndpoints({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<string[]> {
  const now = clock.now()
  const rows = await db
    .selectFrom('endpoint')
    .select('id')
    .where('state', '=', 'enabled')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('delivery')
          .select('delivery.id')
          .whereRef('delivery.endpoint_id', '=', 'endpoint.id')
          .where('delivery.next_attempt_at', '<=', now),
      ),
    )
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * Claims due deliveries of an endpoint for this worker, for some milliseconds. The later event of an object is left until the earlier
 * one was tried.
 */
export async function claimDeliveries(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { endpointId, limit, lease }: { endpointId: string; limit: number; lease: number },
): Promise<ClaimedDelivery[]> {
  const now = clock.now()
  const claimedUntil = new Date(now.getTime() + lease)
  const rows = await atomically(
    db,
    (one) =>
      one
        .updateTable('delivery')
        .set({ next_attempt_at: claimedUntil })
        .where('id', 'in', (due) =>
          due
            .selectFrom('delivery as due')
            .select('due.id')
            .where('due.endpoint_id', '=', endpointId)
            .where('due.next_attempt_at', '<=', now)
            .where(({ exists, selectFrom }) =>
              exists(selectFrom('endpoint').select('id').where('id', '=', endpointId).where('state', '=', 'enabled')),
            )
            .where(({ not, exists, selectFrom }) =>
              not(
                exists(
                  selectFrom('delivery as before')
                    .select('before.id')
                    .whereRef('before.endpoint_id', '=', 'due.endpoint_id')
                    .whereRef('before.object_id', '=', 'due.object_id')
                    .whereRef('before.sequence', '<', 'due.sequence')
                    .where('before.attempts', '=', 0)
                    .where('before.next_attempt_at', 'is not', null),
                ),
              ),
            )
            .orderBy('due.next_attempt_at', (order) => order.asc().nullsLast())
            .limit(limit),
        )
        .where('next_attempt_at', '<=', now)
        .returning(deliveryColumns)
        .execute(),
    // a claim made twice is a claim
    { idempotent: true },
  )
  return rows.length === 0 ? [] : withEvents({ db, clock }, endpointId, claimedUntil, rows)
}

async function withEvents(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  endpointId: string,
  claimedUntil: Date,
  rows: readonly DeliveryRow[],
): Promise<ClaimedDelivery[]> {
  const [events, secrets] = await Promise.all([
    feedOf(db)
      .select(eventColumns)
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('event_position.object_id', 'event_position.sequence'),
          'in',
          rows.map((row) => tuple(row.object_id, row.sequence)),
        ),
      )
      .execute(),
    db
      .selectFrom('endpoint_secret')
      .innerJoin('endpoint', 'endpoint.id', 'endpoint_secret.endpoint_id')
      .select(['endpoint.url', 'endpoint.failing_since as failingSince', 'endpoint_secret.secret'])
      .where('endpoint_id', '=', endpointId)
      .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', clock.now())]))
      .orderBy('number', 'desc')
      .execute(),
  ])
  const [first] = secrets
  if (!first) return [] // it was deleted meanwhile
  const { url, failingSince } = first
  return rows.map((row) => {
    const event = events.find((one) => one.object_id === row.object_id && one.sequence === row.sequence)
    if (!event) throw new Error(`The event of delivery ${row.id} has no place in the feed`)
    return { row, claimedUntil, event: eventOf(event), url, failingSince, secrets: secrets.map(({ secret }) => secret) }
  })
}
