import type { DeliveryRow } from '../../../db/schema.ts'
import type { Delivery } from '../../contract/endpoints.ts'
import type { EventType } from '../../contract/events.ts'
import { eventId } from '../events/event-of.ts'

export const deliveryColumns = [
  'delivery.id',
  'delivery.endpoint_id',
  'delivery.app_id',
  'delivery.object_id',
  'delivery.sequence',
  'delivery.type',
  'delivery.state',
  'delivery.attempts',
  'delivery.spent',
  'delivery.next_attempt_at',
  'delivery.status',
  'delivery.failure',
  'delivery.created_at',
  'delivery.ended_at',
] as const

/** A delivery as its readers see it. */
export const deliveryOf = (row: DeliveryRow): Delivery => ({
  id: row.id,
  endpointId: row.endpoint_id,
  appId: row.app_id,
  eventId: eventId(row.object_id, row.sequence),
  type: row.type as EventType,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  status: row.status,
  failure: row.failure,
  createdAt: row.created_at,
  endedAt: row.ended_at,
})
