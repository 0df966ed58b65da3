import { type SqlBool, sql } from 'kysely'
import type { AuditRecord } from '../../contract/audit.ts'
import type { Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { leafColumns, leafOf } from './leaf-of.ts'

/** What is looked for: all of it must hold. */
export interface LeafSearch {
  objectId?: string | undefined
  /** Such as `user:…`. */
  actor?: string | undefined
  /** Such as `payment.accepted`. */
  action?: string | undefined
  /** From this moment on. */
  from?: Date | undefined
  /** Before this moment. */
  to?: Date | undefined
  cursor?: string | null | undefined
  limit: number
}

/** As the indexes have it, see the migration: a part of the leaf's bytes between quotes. */
const part = (number: number) =>
  sql<string>`split_part(encode(substr(body, 1, 220), 'escape'), '"', ${sql.lit(number)})`
const [action, actor, at] = [part(4), part(8), part(16)]

/** Finds leaves of the app, newest first. What is written meanwhile neither repeats nor hides any. */
export async function searchLeaves(
  { db }: Pick<Services, 'db'>,
  principal: AppPrincipal,
  search: LeafSearch,
): Promise<Page<AuditRecord>> {
  const seen = search.cursor ? parse(search.cursor) : null
  const conditions = [
    search.actor !== undefined && sql<SqlBool>`${actor} = ${search.actor}`,
    search.action !== undefined && sql<SqlBool>`${action} = ${search.action}`,
    search.from && sql<SqlBool>`${at} >= ${search.from.toISOString()}`,
    search.to && sql<SqlBool>`${at} < ${search.to.toISOString()}`,
    // the first is what the index is read from
    seen && sql<SqlBool>`${at} <= ${seen.at}`,
    seen && sql<SqlBool>`(${at}, stream, sequence) < (${seen.at}, ${seen.stream}, ${seen.sequence})`,
  ].filter((condition) => typeof condition === 'object' && condition !== null)
  const rows = await db
    .selectFrom('audit')
    .select(leafColumns)
    .where('app_id', '=', principal.appId)
    .$if(search.objectId !== undefined, (query) => query.where('stream', '=', search.objectId!))
    .where(({ and }) => and(conditions))
    .orderBy(at, (order) => order.desc().nullsLast())
    .orderBy('stream', 'desc')
    .orderBy('sequence', 'desc')
    .limit(search.limit + 1)
    .execute()
  const items = rows.slice(0, search.limit).map((row): AuditRecord => {
    const said = JSON.parse(row.body.toString())
    return { ...leafOf(row), objectType: said.type, action: said.action, actor: said.actor, at: new Date(said.at) }
  })
  const last = items.at(-1)
  return {
    items,
    nextCursor: rows.length > search.limit && last ? `${last.at.getTime()}.${last.stream}.${last.sequence}` : null,
  }
}

function parse(cursor: string): { at: string; stream: string; sequence: string } {
  const [at, stream, sequence] = cursor.split('.') as [string, string, string]
  return { at: new Date(Number(at)).toISOString(), stream, sequence }
}
