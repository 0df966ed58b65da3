import { expect } from 'vitest'
import type { ServiceEvent } from '../../server/contract/events.ts'
import { eventColumns, eventOf, feedOf } from '../../server/domain/events/event-of.ts'
import { withAdmin } from '../http/support/rows.ts'
import { eventually } from './eventually.ts'
import type { World } from './world.ts'

/** The feed of the world's app after a place, as it is stored. */
export async function feedIn({ built, appId }: World, after = 0n): Promise<ServiceEvent[]> {
  const rows = await feedOf(built.services.db)
    .select(eventColumns)
    .where('event_position.app_id', '=', appId)
    .where('event_position.position', '>', after)
    .orderBy('event_position.position')
    .execute()
  return rows.map(eventOf)
}

/** The last place of the feed, once all that has happened has its own. */
export async function headIn(world: World): Promise<bigint> {
  await eventually(() =>
    withAdmin(world.database.adminUrl, async (admin) =>
      expect((await admin.query('select 1 from event_unplaced')).rows).toEqual([]),
    ),
  )
  return (await feedIn(world)).at(-1)?.position ?? 0n
}

/** What an API key of the app sees of it. */
export const seenByKey = (events: readonly ServiceEvent[]): ServiceEvent[] =>
  events.filter(({ objectType }) => objectType !== 'api_key' && objectType !== 'session' && objectType !== 'user')

/** Puts events of so many bytes each into the feed, all in one commit. */
export const writeEvents = (world: World, count: number, bytes: number) =>
  withAdmin(world.database.adminUrl, (admin) =>
    admin.query(
      `with written as (
        insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
        select gen_random_uuid(), 1, 'paywall', $1, 'paywall.created', jsonb_build_object('title', repeat('x', $3)), now()
        from generate_series(1, $2) returning object_id
      )
      insert into event_position (app_id, position, object_id, sequence)
      select $1, (select max(position) from event_position where app_id = $1) + row_number() over (), object_id, 1 from written`,
      [world.appId, count, bytes],
    ),
  )
