import type { Session } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { revokeSessions } from './revoke-sessions.ts'
import { sessionOf } from './session-of.ts'

/**
 * Ends one of the caller's sessions at once, wherever it is. Ending an ended one answers with it.
 *
 * @throws NOT_FOUND
 */
export async function revokeSession(
  services: Services,
  principal: UserPrincipal,
  { sessionId }: { sessionId: string },
): Promise<Session> {
  const { appId, userId } = principal
  const [row] = await revokeSessions(services, principal, { appId, userId, sessionId })
  if (!row) throw notFound('session')
  return sessionOf(row, principal.sessionId)
}
