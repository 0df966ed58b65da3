import { sql } from 'kysely'
import type { GrantedRole } from '../../contract/callers.ts'
import type { Address, Page, User } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { userColumns, userOf } from './user-of.ts'

/** What users are searched by. */
export interface UserFilter extends PageRequest {
  appId: string
  /** The wallet that they are known by, or any other of theirs. */
  address?: Address | undefined
  role?: GrantedRole | undefined
}

/** Lists the users of an app, newest first. */
export function listUsers(services: Services, { appId, address, role, ...request }: UserFilter): Promise<Page<User>> {
  let query = services.db.selectFrom('app_user').select(userColumns).where('app_id', '=', appId)
  if (address)
    query = query.where('id', 'in', ({ selectFrom }) =>
      selectFrom('app_user as known')
        .select('known.id')
        .where('known.app_id', '=', appId)
        .where('known.address', '=', address)
        .union(
          selectFrom('wallet')
            .select('wallet.user_id as id')
            .where('wallet.app_id', '=', appId)
            .where('wallet.address', '=', address)
            .where('wallet.user_id', 'is not', null)
            .$narrowType<{ id: string }>(),
        ),
    )
  if (role) query = query.where(sql<boolean>`${role} = any(roles)`)
  return page(query, 'app_user', request, userOf)
}
