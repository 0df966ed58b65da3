import type { Kysely } from 'kysely'
import type { Database, ListRow } from '../../../db/schema.ts'
import type { List, ListKind } from '../../contract/entities.ts'
import { notFound } from '../domain-error.ts'

export const listColumns = ['id', 'name', 'kind', 'snapshot_id', 'changed_in', 'created_at'] as const

/** What there is to know of a list within the service. */
export type KnownList = Pick<ListRow, (typeof listColumns)[number]>

/** A list as its clients see it. */
export const listOf = (row: KnownList): List => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  importId: row.snapshot_id === row.id ? null : row.snapshot_id,
  changedIn: row.changed_in,
  createdAt: row.created_at,
})

/** The list of an app that has this name, if there is one. */
export const findList = (db: Kysely<Database>, appId: string, name: string): Promise<KnownList | undefined> =>
  db.selectFrom('list').select(listColumns).where('app_id', '=', appId).where('name', '=', name).executeTakeFirst()

/** @throws NOT_FOUND */
export async function listNamed(db: Kysely<Database>, appId: string, name: string): Promise<KnownList> {
  const list = await findList(db, appId, name)
  if (!list) throw notFound('list')
  return list
}

/** Whether a change makes a list laxer: then it waits for a second person, while a stricter list is in force at once. */
export const isLaxer = (change: 'add' | 'remove', kind: ListKind): boolean => (change === 'add') === (kind === 'allow')
