import type { Services } from '../../services.ts'
import type { Principal } from '../principal.ts'
import { revokeSessions } from '../sessions/revoke-sessions.ts'
import { getUser } from './get-user.ts'

/**
 * Ends every session of a user at once, and with them the tokens made from them: for somebody whose device was lost. Answers with
 * how many it ended.
 *
 * @throws NOT_FOUND
 */
export async function signUserOut(
  services: Services,
  principal: Principal,
  user: { appId: string; userId: string },
): Promise<{ ended: number }> {
  await getUser(services, user)
  const ended = await revokeSessions(services, principal, user)
  return { ended: ended.length }
}
