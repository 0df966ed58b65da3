import type { DeliveryLog } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import { reachOf } from '../endpoints/owner-of.ts'
import { eventColumns, eventOf, feedOf } from '../events/event-of.ts'
import type { Principal } from '../principal.ts'
import { deliveryColumns, deliveryOf } from './delivery-of.ts'
import { webhookOf } from './webhook-of.ts'

/** A delivery to an endpoint of the caller's app, with what is sent and every try. @throws NOT_FOUND */
export async function getDelivery(
  { db }: Pick<Services, 'db'>,
  principal: Principal,
  { deliveryId }: { deliveryId: string },
): Promise<DeliveryLog> {
  const appId = reachOf(principal)
  const row = await db
    .selectFrom('delivery')
    .innerJoin('endpoint', 'endpoint.id', 'delivery.endpoint_id')
    .select(deliveryColumns)
    .where('delivery.id', '=', deliveryId)
    .$if(appId !== null, (query) => query.where('endpoint.app_id', '=', appId))
    .executeTakeFirst()
  if (!row) throw notFound('delivery')
  const [event, attempts] = await Promise.all([
    feedOf(db)
      .select(eventColumns)
      .where('event_position.object_id', '=', row.object_id)
      .where('event_position.sequence', '=', row.sequence)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('delivery_attempt')
      .select(['number', 'url', 'started_at', 'milliseconds', 'status', 'failure', 'response'])
      .where('delivery_id', '=', deliveryId)
      .orderBy('number')
      .execute(),
  ])
  const log = attempts.map(({ started_at: startedAt, ...attempt }) => ({ ...attempt, startedAt }))
  return { ...deliveryOf(row), body: webhookOf(eventOf(event)), log }
}
