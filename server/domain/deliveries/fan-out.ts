import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { atomically } from '../../../db/transaction.ts'
import type { ObjectType } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { feedOf } from '../events/event-of.ts'
import { typesNamed } from '../events/types.ts'
import { guarded } from '../events/visible-to.ts'

/** How many events of a feed are looked at together. */
const LOT = 500

/** How far an enabled endpoint has been told of a feed that has gone on. */
interface Behind {
  endpointId: string
  appId: string
  position: bigint
  types: string[]
  /** Whether it is the platform's, and not the app's whose feed this is. */
  isPlatforms: boolean
  /** Where the endpoint itself was made: in which feed, and its place there. */
  madeIn: string
  madeAt: bigint
}

/** An event, as much as says who is to be told. */
interface Told {
  position: bigint
  objectId: string
  sequence: bigint
  type: string
  objectType: string
}

/**
 * Writes a delivery for every event that an endpoint is to be told of and is not yet, and remembers in the same commit how far it came:
 * none is left out and none is written twice, by however many at once and wherever one of them ends.
 *
 * @param appIds whose feeds have gone on; null looks at all
 * @returns the endpoints that have something new, and whether there may be more
 */
export async function fanOut(
  services: Pick<Services, 'db' | 'clock'>,
  appIds: readonly string[] | null,
): Promise<{ endpointIds: string[]; more: boolean }> {
  const endpointIds = new Set<string>()
  let more = false
  const behind = await readBehind(services, appIds)
  // most endpoints of an app stand at the same place, and are told of one reading
  for (const cursors of Map.groupBy(behind, ({ appId, position }) => `${appId} ${position}`).values()) {
    const { appId, position } = cursors[0]!
    const events = await readAfter(services, appId, position)
    const last = events.at(-1)
    if (!last) continue
    if (events.length === LOT) more = true
    for (const cursor of cursors) {
      const named = typesNamed(cursor.types)
      const wanted = events.filter((event) => isFor(cursor, named, event))
      if (await write(services, cursor, last.position, wanted)) endpointIds.add(cursor.endpointId)
    }
  }
  return { endpointIds: [...endpointIds], more }
}

/**
 * A ping is for the endpoint that it is about, and for no other. An app's endpoint is told of what the app's servers may see, from its own
 * beginning on: what happened before may get its place after an endpoint was made.
 */
const isFor = (
  { endpointId, appId, isPlatforms, madeIn, madeAt }: Behind,
  named: ReadonlySet<string>,
  { type, objectId, objectType, position }: Told,
): boolean => {
  if (madeIn === appId && position < madeAt) return false
  if (type === 'endpoint.pinged') return objectId === endpointId
  return named.has(type) && (isPlatforms || !guarded.includes(objectType as ObjectType))
}

/** An endpoint whose own beginning has no place yet is not among them: what came before it cannot be told from what came after. */
const readBehind = ({ db }: Pick<Services, 'db'>, appIds: readonly string[] | null): Promise<Behind[]> =>
  db
    .selectFrom('endpoint_cursor as cursor')
    .innerJoin('endpoint', 'endpoint.id', 'cursor.endpoint_id')
    .innerJoin('event_position as made', (join) =>
      join.onRef('made.object_id', '=', 'endpoint.id').on('made.sequence', '=', 1n),
    )
    .select(['cursor.endpoint_id as endpointId', 'cursor.app_id as appId', 'cursor.position', 'endpoint.types'])
    .select(['made.app_id as madeIn', 'made.position as madeAt'])
    .select(sql<boolean>`endpoint.app_id is null`.as('isPlatforms'))
    .where('endpoint.state', '=', 'enabled')
    .$if(appIds !== null, (query) => query.where('cursor.app_id', '=', sql<string>`any(${appIds}::uuid[])`))
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('event_position')
          .select('event_position.position')
          .whereRef('event_position.app_id', '=', 'cursor.app_id')
          .whereRef('event_position.position', '>', 'cursor.position'),
      ),
    )
    .execute()

const readAfter = ({ db }: Pick<Services, 'db'>, appId: string, position: bigint): Promise<Told[]> =>
  feedOf(db)
    .select(['event_position.position', 'event.object_id as objectId', 'event.sequence', 'event.type'])
    .select('event.object_type as objectType')
    .where('event_position.app_id', '=', appId)
    .where('event_position.position', '>', position)
    .orderBy('event_position.position')
    .limit(LOT)
    .execute()

/** One statement. Answers whether there is something new: another may have told this endpoint meanwhile. */
async function write(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { endpointId, appId, position }: Behind,
  to: bigint,
  events: readonly Told[],
): Promise<boolean> {
  if (events.length === 0) {
    await atomically(
      db,
      (one) =>
        one
          .updateTable('endpoint_cursor')
          .set({ position: to })
          .where('endpoint_id', '=', endpointId)
          .where('app_id', '=', appId)
          .where('position', '=', position)
          .execute(),
      { idempotent: true },
    )
    return false
  }
  const now = clock.now()
  const { numAffectedRows } = await atomically(
    db,
    (one) =>
      sql`
        with moved as (
          update endpoint_cursor set position = ${to}
          where endpoint_id = ${endpointId} and app_id = ${appId} and position = ${position}
          returning endpoint_id
        )
        insert into delivery (id, endpoint_id, app_id, object_id, sequence, type, state, attempts, spent, next_attempt_at, created_at)
        select q.id, moved.endpoint_id, ${appId}::uuid, q.object_id, q.sequence, q.type, 'waiting', 0, 0, ${now}::timestamptz, ${now}::timestamptz
        from moved, unnest(${events.map(() => randomUUID())}::uuid[], ${events.map(({ objectId }) => objectId)}::uuid[],
          ${events.map(({ sequence }) => sequence)}::int8[], ${events.map(({ type }) => type)}::text[])
          as q (id, object_id, sequence, type)
        on conflict (endpoint_id, object_id, sequence) do nothing`.execute(one),
    // done twice, it has moved already
    { idempotent: true },
  )
  return numAffectedRows !== undefined && numAffectedRows > 0n
}
