import type { TokenScope } from '../../contract/callers.ts'
import type { Token } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { UserPrincipal } from '../principal.ts'

/** Makes a bearer token from the caller's session. It ends after ten minutes, or with the session. */
export async function issueToken(
  services: Services,
  { userId, appId, sessionId }: UserPrincipal,
  { scopes }: { scopes: TokenScope[] },
): Promise<Token> {
  const given = [...new Set(scopes)]
  return { ...(await services.tokens.mint({ userId, appId, sessionId, scopes: given })), scopes: given }
}
