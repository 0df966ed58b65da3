import type { Services } from '../../services.ts'
import { isSecretOf, type SessionCredential } from './credential.ts'
import { revokeSessions } from './revoke-sessions.ts'

/** Ends the session that a browser holds, if it is one and the secret is its own. */
export async function endSession(
  services: Pick<Services, 'db' | 'clock'>,
  { id, secret }: SessionCredential,
): Promise<void> {
  const row = await services.db
    .selectFrom('session')
    .select(['app_id', 'user_id', 'secret_hash', 'revoked_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row || row.revoked_at || !isSecretOf(row.secret_hash, secret)) return
  const { app_id: appId, user_id: userId } = row
  const principal = { kind: 'user' as const, userId, appId, sessionId: id, roles: [], scopes: null }
  await revokeSessions(services, principal, { appId, userId, sessionId: id })
}
