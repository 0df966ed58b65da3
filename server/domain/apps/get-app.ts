import type { App } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'

/** @throws NOT_FOUND */
export async function getApp(services: Services, { appId }: { appId: string }): Promise<App> {
  const row = await services.db
    .selectFrom('app')
    .select(['id', 'name', 'created_at'])
    .where('id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('app')
  return { id: row.id, name: row.name, createdAt: row.created_at }
}
