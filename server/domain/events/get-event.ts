import type { ServiceEvent } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { eventColumns, eventOf, parseEventId } from './event-of.ts'
import { ownedFeedOf, visibleTo } from './visible-to.ts'

/** @throws NOT_FOUND, also for what has no place in the feed yet */
export async function getEvent(
  { db }: Pick<Services, 'db'>,
  principal: AppPrincipal,
  { eventId }: { eventId: string },
): Promise<ServiceEvent> {
  const named = parseEventId(eventId)
  if (!named) throw notFound('event')
  const row = await ownedFeedOf(db)
    .select(eventColumns)
    .where('event_position.object_id', '=', named.objectId)
    .where('event_position.sequence', '=', named.sequence)
    .where('event_position.app_id', '=', principal.appId)
    .where(visibleTo(principal).condition)
    .executeTakeFirst()
  if (!row) throw notFound('event')
  return eventOf(row)
}
