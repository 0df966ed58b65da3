import type { Me } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { KeyPrincipal, UserPrincipal } from '../principal.ts'
import { getUser } from '../users/get-user.ts'

/** Tells a caller who it is here. */
export async function describeCaller(services: Services, principal: UserPrincipal | KeyPrincipal): Promise<Me> {
  const scopes = principal.scopes && [...principal.scopes]
  if (principal.kind === 'service') return { kind: 'service', appId: principal.appId, keyId: principal.keyId, scopes }
  const { appId, sessionId } = principal
  return { kind: 'user', appId, user: await getUser(services, principal), sessionId, scopes }
}
