import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { ServiceEvent } from '../../contract/events.ts'
import type { Log } from '../../telemetry/log.ts'
import { eventColumns, eventOf } from './event-of.ts'
import { type OwnedEvent, ownedFeedOf, ownerColumns, type Visible } from './visible-to.ts'

/** Milliseconds between two looks while anybody follows: another instance may place events, and tells nobody. */
const LOOK = 100
/** Milliseconds until the next look when the database did not answer. */
const REST = 1_000
/** How many events of one app are read at a time. */
const LOT = 500
/** How many events are remembered at most, of all apps together. */
const REMEMBERED = 10_000

/** An event, and what decides who sees it. */
export interface Told {
  event: ServiceEvent
  owned: OwnedEvent
}

/** The feed of an app as one follows it who joined it. */
export interface Follower extends Disposable {
  /** The last place that is known of. All up to it can be read. */
  head(): bigint
  /** The events after a place, up to the head; null where they are not all remembered. */
  recent(after: bigint): readonly Told[] | null
  /** Waits until the head is beyond a place, or the signal comes. */
  news(after: bigint, signal: AbortSignal): Promise<void>
}

/**
 * The feeds of all apps that somebody follows, each read once for everybody in this process. While the database does not answer
 * nobody hears of anything, and afterwards nothing is missing.
 */
export interface LiveFeed {
  /** @throws DatabaseUnavailable */
  follow(appId: string): Promise<Follower>
  /** Events of these apps have got their places. */
  nudge(appIds: readonly string[]): void
  stop(): Promise<void>
}

interface Feed {
  appId: string
  head: bigint
  /** The last of its events, without a gap. */
  events: Told[]
  followers: number
  /** Those who wait for more. */
  waiting: Set<() => void>
}

export function liveFeed(db: Kysely<Database>, log: Pick<Log, 'warn'>): LiveFeed {
  const feeds = new Map<string, Feed>()
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  let again = false

  function look(): void {
    clearTimeout(timer)
    timer = undefined
    if (stopped) return
    again = true
    looking ??= lookOn().then((wait) => {
      looking = null
      if (!stopped && feeds.size > 0) timer = setTimeout(look, wait)
    })
  }

  /** @returns how long to wait for the next look */
  async function lookOn(): Promise<number> {
    try {
      while (again && feeds.size > 0 && !stopped) {
        again = false
        if (await readOn([...feeds.values()])) again = true
      }
      return LOOK
    } catch (err) {
      log.warn({ err }, 'the feed cannot be read: those who follow it wait')
      return REST
    }
  }

  /** @returns whether there is more */
  async function readOn(followed: readonly Feed[]): Promise<boolean> {
    const heads = await readHeads(
      db,
      followed.map(({ appId }) => appId),
    )
    const grown = followed.filter(({ appId, head }) => heads.get(appId)! > head)
    if (grown.length === 0) return false
    const news = await readNews(db, grown)
    for (const feed of grown) {
      const told = news.get(feed.appId) ?? []
      if (told.length === 0) continue
      feed.events.push(...told)
      feed.events.splice(0, feed.events.length - Math.ceil(REMEMBERED / feeds.size))
      feed.head = told.at(-1)!.event.position
      const waiting = [...feed.waiting]
      feed.waiting.clear()
      for (const wake of waiting) wake()
    }
    return news.size > 0 && grown.some(({ appId, head }) => heads.get(appId)! > head)
  }

  return {
    async follow(appId) {
      const before = (await readHeads(db, [appId])).get(appId)!
      const feed = feeds.get(appId) ?? { appId, head: before, events: [], followers: 0, waiting: new Set() }
      feeds.set(appId, feed)
      feed.followers++
      if (!looking && !timer) timer = setTimeout(look, LOOK)
      // what was there before can be read, also where the look that finds it is still to come
      const isBehind = () => feed.head < before
      const head = () => (isBehind() ? before : feed.head)
      return {
        head,
        recent(after) {
          const first = feed.events[0]?.event.position
          if (first === undefined || first > after + 1n || isBehind()) return null
          return feed.events.slice(Number(after + 1n - first))
        },
        news(after, signal) {
          if (head() > after || signal.aborted) return Promise.resolve()
          return new Promise((resolve) => {
            const wake = () => {
              signal.removeEventListener('abort', wake)
              feed.waiting.delete(wake)
              resolve()
            }
            feed.waiting.add(wake)
            signal.addEventListener('abort', wake)
          })
        },
        [Symbol.dispose]() {
          feed.followers--
          if (feed.followers === 0) feeds.delete(appId)
        },
      }
    },

    nudge(appIds) {
      if (appIds.some((appId) => feeds.has(appId))) look()
    },

    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}

/** The last place of each app; 0 where there is none. */
async function readHeads(db: Kysely<Database>, appIds: readonly string[]): Promise<Map<string, bigint>> {
  const { rows } = await atomically(
    db,
    (one) =>
      sql<{ app: string; head: bigint | null }>`/* prepared: feed-heads */
        select q.app, (select max(position) from event_position where app_id = q.app) as head
        from unnest(${appIds}::uuid[]) as q (app)`.execute(one),
    reading,
  )
  return new Map(rows.map(({ app, head }) => [app, head ?? 0n]))
}

/** What comes next in each of these feeds, in one statement. */
async function readNews(db: Kysely<Database>, feeds: readonly Feed[]): Promise<Map<string, Told[]>> {
  const news = sql<{ app_id: string; position: bigint }>`(
    select place.app_id, place.position
    from unnest(${feeds.map(({ appId }) => appId)}::uuid[], ${feeds.map(({ head }) => head)}::int8[]) as q (app_id, after)
    join lateral (
      select app_id, position from event_position
      where app_id = q.app_id and position > q.after order by position limit ${sql.lit(LOT)}
    ) as place on true)`
  const rows = await atomically(
    db,
    (one) =>
      ownedFeedOf(one)
        .innerJoin(news.as('news'), (join) =>
          join
            .onRef('news.app_id', '=', 'event_position.app_id')
            .onRef('news.position', '=', 'event_position.position'),
        )
        .select([...eventColumns, ...ownerColumns])
        .orderBy('event_position.position')
        .execute(),
    reading,
  )
  return Map.groupBy(
    rows.map((row) => ({ event: eventOf(row), owned: row })),
    ({ event }) => event.appId,
  )
}

/** What one sees of the events of an app after a place, up to another. */
export async function readSpan(
  db: Kysely<Database>,
  { appId, visible, after, upTo }: { appId: string; visible: Visible; after: bigint; upTo: bigint },
): Promise<ServiceEvent[]> {
  const rows = await atomically(
    db,
    (one) =>
      ownedFeedOf(one)
        .select(eventColumns)
        .where('event_position.app_id', '=', appId)
        .where('event_position.position', '>', after)
        .where('event_position.position', '<=', upTo)
        .where(visible.condition)
        .orderBy('event_position.position')
        .execute(),
    reading,
  )
  return rows.map(eventOf)
}
