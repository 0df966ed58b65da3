import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { ListEntry, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { type KnownEntry, listEntryOf } from './list-entry-of.ts'
import { listNamed } from './list-of.ts'

/** Who is asked about, and when. */
export interface ListAtInput {
  list: string
  at: Date
  /** One subject; without it everybody. */
  subject?: string | undefined
  /** The last subject of the page before. */
  cursor?: string | null | undefined
  limit: number
}

/**
 * Lists who was on a list at a time: added by then, not removed by then, within their period, and among the contents that were
 * published last by then. By subject; what was is never rewritten, so that pages of the past are always the same.
 *
 * @throws NOT_FOUND
 */
export async function listAt(
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  { list: name, at, subject, cursor, limit }: ListAtInput,
): Promise<Page<ListEntry>> {
  const list = await listNamed(db, appId, name)
  const snapshotId = (await publishedBy(db, list.id, at)) ?? list.id
  const { rows } = await atomically(
    db,
    (one) => entriesAt({ snapshotId, at, subject, cursor, limit }).execute(one),
    reading,
  )
  const items = rows.slice(0, limit)
  return {
    items: items.map((row) => listEntryOf(list, row)),
    nextCursor: rows.length > limit ? items.at(-1)!.subject : null,
  }
}

/** The import that a list's contents were of at a time; undefined before the first. */
async function publishedBy(db: Kysely<Database>, listId: string, at: Date): Promise<string | undefined> {
  const row = await db
    .selectFrom('list_import')
    .select('id')
    .where('list_id', '=', listId)
    .where('published_at', '<=', at)
    .orderBy('published_at', (order) => order.desc().nullsLast())
    .orderBy('published_in', (order) => order.desc().nullsLast())
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

interface EntriesAt extends Pick<ListAtInput, 'at' | 'subject' | 'cursor' | 'limit'> {
  snapshotId: string
}

/** What is on it still, and what was removed later, each by its own index; there is one entry for a subject at a time. */
function entriesAt({ snapshotId, at, subject, cursor, limit }: EntriesAt) {
  const wanted = sql`snapshot_id = ${snapshotId} and created_at <= ${at} and (valid_from is null or valid_from <= ${at})
    and (valid_until is null or valid_until > ${at})
    ${subject ? sql`and subject = ${subject}` : sql``} ${cursor ? sql`and subject > ${cursor}` : sql``}`
  const columns = sql`id, subject, reason, source, valid_from, valid_until, created_at, removed_at`
  const first = sql`order by subject limit ${limit + 1}`
  return sql<KnownEntry>`
    select ${columns} from (
      select ${columns} from (
        select ${columns} from list_entry where ${wanted} and removed_at is null ${first}
      ) as still
      union all
      select ${columns} from (
        select ${columns} from list_entry where ${wanted} and removed_at > ${at} ${first}
      ) as gone
    ) as entry ${first}`
}
