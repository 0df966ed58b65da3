import type { User } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import { userColumns, userOf } from './user-of.ts'

/** @throws NOT_FOUND */
export async function getUser(
  { db }: Pick<Services, 'db'>,
  { appId, userId }: { appId: string; userId: string },
): Promise<User> {
  const row = await db
    .selectFrom('app_user')
    .select(userColumns)
    .where('id', '=', userId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('user')
  return userOf(row)
}
