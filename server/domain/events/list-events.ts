import type { EventPage, ObjectType } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { eventColumns, eventOf } from './event-of.ts'
import { typesNamed } from './types.ts'
import { ownedFeedOf, visibleTo } from './visible-to.ts'

/** Positions that are looked at for one page at most, however few of them are asked for. */
const WINDOW = 5_000n

/** What is looked for: all of it must hold. */
export interface EventSearch {
  /** Each a type, or `payment.*` for all that begin so. */
  types?: readonly string[] | undefined
  objectType?: ObjectType | undefined
  objectId?: string | undefined
  /** From this moment on. */
  from?: Date | undefined
  /** Before this moment. */
  to?: Date | undefined
  order: 'oldest' | 'newest'
  /** A position in decimal: what is asked for is behind it, in the order asked for. */
  cursor?: string | null | undefined
  limit: number
}

/**
 * Lists the events of the app that the caller may see, by position. A page is found in a part of the feed: it may be empty although there
 * is more.
 */
export async function listEvents(
  { db }: Pick<Services, 'db'>,
  principal: AppPrincipal,
  { types, objectType, objectId, from, to, order, cursor, limit }: EventSearch,
): Promise<EventPage> {
  const { appId } = principal
  // what was placed up to now has no gap: who looks no further misses nothing that comes meanwhile
  const row = await db
    .selectFrom('event_position')
    .select((of) => of.fn.max('position').as('last'))
    .where('app_id', '=', appId)
    .executeTakeFirst()
  const last = row?.last ?? 0n
  const isOldestFirst = order === 'oldest'
  const start = isOldestFirst ? BigInt(cursor ?? 0) : lesser(cursor ? BigInt(cursor) : last + 1n, last + 1n)
  // those of an object are found by it, wherever they are
  const window = objectId === undefined ? WINDOW : last
  const low = isOldestFirst ? start + 1n : greater(start - window, 1n)
  const high = isOldestFirst ? lesser(start + window, last) : lesser(start - 1n, last)

  let query = ownedFeedOf(db)
    .select(eventColumns)
    .where('event_position.app_id', '=', appId)
    .where('event_position.position', '>=', low)
    .where('event_position.position', '<=', high)
    .where(visibleTo(principal).condition)
  if (types) query = query.where('event.type', 'in', [...typesNamed(types)])
  if (objectType) query = query.where('event.object_type', '=', objectType)
  if (objectId) query = query.where('event_position.object_id', '=', objectId)
  if (from) query = query.where('event.created_at', '>=', from)
  if (to) query = query.where('event.created_at', '<', to)
  const rows = await query
    .orderBy('event_position.position', isOldestFirst ? 'asc' : 'desc')
    .limit(limit + 1)
    .execute()

  const items = rows.slice(0, limit).map(eventOf)
  if (rows.length > limit) return { items, nextCursor: String(items.at(-1)!.position), hasMore: true }
  return isOldestFirst
    ? { items, nextCursor: String(greater(high, start)), hasMore: high < last }
    : { items, nextCursor: String(lesser(low, start)), hasMore: low > 1n }
}

const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other)
