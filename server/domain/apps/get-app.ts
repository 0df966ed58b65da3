import type { App } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'

/** @throws NOT_FOUND */
export async function getApp({ db }: Pick<Services, 'db'>, { appId }: { appId: string }): Promise<App> {
  const [row, origins] = await Promise.all([
    db.selectFrom('app').select(['id', 'name', 'created_at']).where('id', '=', appId).executeTakeFirst(),
    db.selectFrom('app_origin').select('origin').where('app_id', '=', appId).orderBy('origin').execute(),
  ])
  if (!row) throw notFound('app')
  return { id: row.id, name: row.name, origins: origins.map(({ origin }) => origin), createdAt: row.created_at }
}
