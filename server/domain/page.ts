import { type ReferenceExpression, type SelectQueryBuilder, sql } from 'kysely'
import type { Database } from '../../db/schema.ts'
import type { Page } from '../contract/entities.ts'
import { DomainError } from './domain-error.ts'

/** Which page of a list. */
export interface PageRequest {
  cursor?: string | null | undefined
  limit: number
}

/**
 * Reads a page, newest first. The cursor names the last row seen by its time and id, so that rows made meanwhile neither
 * repeat nor hide any.
 *
 * @throws INVALID_INPUT for a cursor that is not one of ours
 */
export async function page<Tables extends keyof Database, Row extends PageRow, Item>(
  query: SelectQueryBuilder<Database, Tables, Row>,
  table: Tables & string,
  request: PageRequest,
  itemOf: (row: Row) => Item,
): Promise<Page<Item>> {
  return pageOf(await newestAfter(query, table, request).execute(), request, itemOf)
}

interface PageRow {
  id: string
  created_at: Date
}

/** The rows of a page, newest first, and one more if there is one. @throws INVALID_INPUT as {@link page} does */
export function newestAfter<Tables extends keyof Database, Row extends PageRow>(
  query: SelectQueryBuilder<Database, Tables, Row>,
  table: Tables & string,
  { cursor, limit }: PageRequest,
): SelectQueryBuilder<Database, Tables, Row> {
  const [createdAt, id] = [`${table}.created_at`, `${table}.id`] as ReferenceExpression<Database, Tables>[]
  const after = cursor ? readCursor(cursor) : null
  return query
    .$if(after !== null, (rest) =>
      rest.where(
        sql<boolean>`(${sql.ref(`${table}.created_at`)}, ${sql.ref(`${table}.id`)}) < (${after?.at}, ${after?.id})`,
      ),
    )
    .orderBy(createdAt!, 'desc')
    .orderBy(id!, 'desc')
    .limit(limit + 1)
}

/** A page of the rows of {@link newestAfter}. */
export function pageOf<Row extends PageRow, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map(itemOf),
    nextCursor: rows.length > limit && last ? `${last.created_at.getTime()}.${last.id}` : null,
  }
}

/** The last row that was seen, by a cursor of {@link pageOf}. @throws INVALID_INPUT */
export function readCursor(cursor: string): { at: Date; id: string } {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match)
    throw new DomainError('INVALID_INPUT', 'This cursor is not one that a list answered with. Start without one.')
  return { at: new Date(Number(match[1])), id: match[2]! }
}
