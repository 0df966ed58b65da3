import type { Page, Session } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { UserPrincipal } from '../principal.ts'
import { sessionColumns, sessionOf } from './session-of.ts'

/** Lists the caller's sessions, newest first, ended ones included. */
export const listSessions = (
  services: Services,
  principal: UserPrincipal,
  request: PageRequest,
): Promise<Page<Session>> =>
  page(
    services.db
      .selectFrom('session')
      .select(sessionColumns)
      .where('user_id', '=', principal.userId)
      .where('app_id', '=', principal.appId),
    'session',
    request,
    (row) => sessionOf(row, principal.sessionId),
  )
