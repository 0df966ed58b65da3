import type { Services } from '../../services.ts'
import type { UserPrincipal } from '../principal.ts'
import { revokeSessions } from './revoke-sessions.ts'

/** Ends the session that is used, and with it the tokens made from it; or every session of its user. Answers with how many it ended. */
export async function signOut(
  services: Services,
  principal: UserPrincipal,
  { everywhere }: { everywhere: boolean },
): Promise<{ ended: number }> {
  const { appId, userId, sessionId } = principal
  const ended = await revokeSessions(services, principal, { appId, userId, ...(!everywhere && { sessionId }) })
  return { ended: ended.length }
}
