import { type Kysely, sql } from 'kysely'
import { codeOf } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'

/** How many events get their places in one commit at most. */
export const LOT = 1_000

/**
 * Gives committed events that have none their places in the feed of their app, each behind all that were given before: whoever has
 * read up to a place has missed nothing. Those of an object come in its order. Who does it at the same time as another finds
 * nothing to do.
 *
 * @param recent whether only events of the last minute are looked at, not all that wait
 * @returns how many were waiting, and whose got places
 */
export async function placeEvents(
  db: Kysely<Database>,
  { recent = false }: { recent?: boolean } = {},
): Promise<{ waiting: number; appIds: string[] }> {
  const waiting = await readUnplaced(db, { recent })
  // a lot that is full may be of events alone that wait for others behind it: those that need not wait come first then
  const isAll = waiting.length < LOT
  const events = inOrder(isAll ? waiting : await readUnplaced(db, { recent, isNext: true }))
  if (events.length === 0) return { waiting: waiting.length, appIds: [] }
  const last = await readLast(db, [...new Set(events.map(({ appId }) => appId))])
  const positions = events.map(({ appId }) => {
    const position = (last.get(appId) ?? 0n) + 1n
    last.set(appId, position)
    return position
  })
  try {
    await write(db, events, positions)
  } catch (error) {
    // the places after the last were given by another meanwhile, or one of these events has its own already
    if (codeOf(error) !== '23505') throw error
    await forgetPlaced(db)
    return { waiting: waiting.length, appIds: [] }
  }
  return { waiting: waiting.length, appIds: [...last.keys()] }
}

interface Unplaced {
  shard: number
  recordedAt: Date
  objectId: string
  sequence: bigint
  appId: string
  at: Date
  /** Whether the object's event before it has its place. */
  isNext: boolean
}

const shards = [0, 1, 2, 3, 4, 5, 6, 7]

async function readUnplaced(
  db: Kysely<Database>,
  { recent, isNext = false }: { recent: boolean; isNext?: boolean },
): Promise<Unplaced[]> {
  const rows = await db
    .selectFrom('event_unplaced as waiting')
    .innerJoin('event', (join) =>
      join.onRef('event.object_id', '=', 'waiting.object_id').onRef('event.sequence', '=', 'waiting.sequence'),
    )
    .leftJoin('event_position as before', (join) =>
      join.onRef('before.object_id', '=', 'waiting.object_id').on(sql<boolean>`before.sequence = waiting.sequence - 1`),
    )
    .select(['waiting.shard', 'waiting.recorded_at as recordedAt', 'waiting.object_id as objectId', 'waiting.sequence'])
    .select(['event.app_id as appId', 'event.created_at as at', 'before.position as before'])
    .where('waiting.shard', 'in', shards)
    .$if(isNext, (query) => query.where(sql<boolean>`(waiting.sequence = 1 or before.position is not null)`))
    .$if(recent, (query) => query.where('waiting.recorded_at', '>=', sql<Date>`now() - interval '1 minute'`))
    .orderBy('waiting.shard')
    .orderBy('waiting.recorded_at')
    .limit(LOT)
    .execute()
  return rows.map(({ before, ...row }) => ({ ...row, isNext: row.sequence === 1n || before !== null }))
}

/**
 * By time, and those of an object in its order, whatever the clocks said that wrote them. One whose object's event before it is in
 * no place yet and not among these waits for a later lot.
 */
function inOrder(waiting: readonly Unplaced[]): Unplaced[] {
  const ready: { event: Unplaced; time: number }[] = []
  for (const events of Map.groupBy(waiting, ({ objectId }) => objectId).values()) {
    let previous: { event: Unplaced; time: number } | undefined
    for (const event of events.sort((one, other) => Number(one.sequence - other.sequence))) {
      if (previous?.event.sequence === event.sequence) continue // waits twice, and is forgotten with its place
      if (!event.isNext && previous?.event.sequence !== event.sequence - 1n) break
      previous = { event, time: Math.max(event.at.getTime(), previous?.time ?? 0) }
      ready.push(previous)
    }
  }
  return ready.sort((one, other) => one.time - other.time).map(({ event }) => event)
}

async function readLast(db: Kysely<Database>, appIds: string[]): Promise<Map<string, bigint>> {
  const { rows } = await sql<{ app: string; position: bigint }>`
    select app, (select max(position) from event_position where app_id = app) as position
    from unnest(${appIds}::uuid[]) as q (app)`.execute(db)
  return new Map(rows.map(({ app, position }) => [app, position ?? 0n]))
}

/** One statement: all of them get their places, or none. */
const write = (db: Kysely<Database>, events: readonly Unplaced[], positions: readonly bigint[]): Promise<unknown> =>
  atomically(db, (one) =>
    sql`
      with placed as (
        insert into event_position (app_id, position, object_id, sequence)
        select app_id, position, object_id, sequence
        from unnest(${events.map(({ appId }) => appId)}::uuid[], ${positions}::int8[],
          ${events.map(({ objectId }) => objectId)}::uuid[], ${events.map(({ sequence }) => sequence)}::int8[])
          as q (app_id, position, object_id, sequence)
      )
      delete from event_unplaced
      using unnest(${events.map(({ shard }) => shard)}::int4[], ${events.map(({ recordedAt }) => recordedAt)}::timestamptz[],
        ${events.map(({ objectId }) => objectId)}::uuid[], ${events.map(({ sequence }) => sequence)}::int8[])
        as done (shard, recorded_at, object_id, sequence)
      where event_unplaced.shard = done.shard and event_unplaced.recorded_at = done.recorded_at
        and event_unplaced.object_id = done.object_id and event_unplaced.sequence = done.sequence`.execute(one),
  )

/** An event that waits although it has its place would be in the way for ever. */
const forgetPlaced = (db: Kysely<Database>): Promise<unknown> =>
  atomically(db, (one) =>
    one
      .deleteFrom('event_unplaced')
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('event_position')
            .select('position')
            .whereRef('event_position.object_id', '=', 'event_unplaced.object_id')
            .whereRef('event_position.sequence', '=', 'event_unplaced.sequence'),
        ),
      )
      .execute(),
  )
