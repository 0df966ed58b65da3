import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { ServiceEvent } from '../../contract/events.ts'
import { eventColumns, eventOf, feedOf } from './event-of.ts'

/** Which part of a feed: all of it must hold. Positions and times are from `from` on; up to `to`, and before the moment. */
export interface FeedRange {
  appId: string
  objectId?: string | null
  types?: ReadonlySet<string> | null
  fromPosition?: bigint | null
  toPosition?: bigint | null
  from?: Date | null
  to?: Date | null
}

/** How many events are read at a time. */
const LOT = 500

/** Every event of an app in a range that has its place, in the order of the feed, whoever may see it: for those who run the service. */
export async function* readFeed(db: Kysely<Database>, range: FeedRange): AsyncGenerator<ServiceEvent> {
  const { appId, objectId, types, fromPosition, toPosition, from, to } = range
  let query = feedOf(db).select(eventColumns).where('event_position.app_id', '=', appId)
  if (objectId) query = query.where('event_position.object_id', '=', objectId)
  if (types) query = query.where('event.type', 'in', [...types])
  if (toPosition) query = query.where('event_position.position', '<=', toPosition)
  if (from) query = query.where('event.created_at', '>=', from)
  if (to) query = query.where('event.created_at', '<', to)
  for (let last = (fromPosition ?? 1n) - 1n; ; ) {
    const rows = await query
      .where('event_position.position', '>', last)
      .orderBy('event_position.position')
      .limit(LOT)
      .execute()
    yield* rows.map(eventOf)
    if (rows.length < LOT) return
    last = rows.at(-1)!.position
  }
}

/** How far the feeds have come: the last position of each app that has one, or of one of them. */
export async function feedEnds(db: Kysely<Database>, appId: string | null): Promise<Map<string, bigint>> {
  let query = db
    .selectFrom('event_position')
    .select(['app_id', (of) => of.fn.max('position').as('last')])
    .groupBy('app_id')
  if (appId) query = query.where('app_id', '=', appId)
  return new Map((await query.execute()).map(({ app_id, last }) => [app_id, last]))
}
