import type { Kysely } from 'kysely'
import type { Database, EventRow } from '../../../db/schema.ts'
import type { ServiceEvent } from '../../contract/events.ts'

/** The feed: every event that has its place, with it. */
export const feedOf = (db: Kysely<Database>) =>
  db
    .selectFrom('event_position')
    .innerJoin('event', (join) =>
      join
        .onRef('event.object_id', '=', 'event_position.object_id')
        .onRef('event.sequence', '=', 'event_position.sequence'),
    )

export const eventColumns = [
  'event_position.position',
  'event.object_id',
  'event.sequence',
  'event.object_type',
  'event.app_id',
  'event.type',
  'event.data',
  'event.created_at',
] as const

/** The id of an event, wherever it is told. */
export const eventId = (objectId: string, sequence: bigint): string => `evt_${objectId.replaceAll('-', '')}_${sequence}`

/** What an id of an event names; null if it is none. */
export function parseEventId(id: string): { objectId: string; sequence: bigint } | null {
  const match = /^evt_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_([1-9]\d{0,15})$/.exec(id)
  return match && { objectId: match.slice(1, 6).join('-'), sequence: BigInt(match[6]!) }
}

/** An event as its readers see it: as it was written, whatever is written today. */
export const eventOf = (row: EventRow & { position: bigint }): ServiceEvent =>
  ({
    id: eventId(row.object_id, row.sequence),
    position: row.position,
    appId: row.app_id,
    type: row.type,
    version: 1,
    objectType: row.object_type,
    objectId: row.object_id,
    sequence: row.sequence,
    createdAt: row.created_at,
    data: row.data,
  }) as ServiceEvent
