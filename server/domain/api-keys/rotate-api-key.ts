import type { Scope } from '../../contract/callers.ts'
import type { NewApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { apiKeyToChange, endApiKey } from './change-api-key.ts'
import { insertApiKey } from './insert-api-key.ts'
import { readApiKey } from './read-api-key.ts'
import { newSecret } from './secret.ts'

/** Which key is to be replaced, and for how long both work. */
export interface Rotation {
  keyId: string
  /** Seconds. */
  overlapSeconds: number
  idempotencyKey: string
}

/**
 * Replaces a key by one of the same name, scopes and expiry. The old one goes on for the overlap, so that servers can change over.
 *
 * @throws NOT_FOUND, also for a key of the platform's: those are made by `provider keys create`; API_KEY_ENDED
 */
export async function rotateApiKey(services: Services, principal: Principal, input: Rotation): Promise<NewApiKey> {
  const secret = newSecret()
  const intention = intentionOf(principal, 'apiKeys.rotate', { ...input })
  const { id, replayed } = await once(services, intention, async (trx, newId) => {
    const now = services.clock.now()
    const row = await apiKeyToChange(trx, principal, input.keyId)
    // who may decide as a second person must not become two by a new key
    if (row.app_id === null) throw notFound('API key of an app')
    if (row.revoked_at || (row.expires_at && row.expires_at <= now))
      throw new DomainError('API_KEY_ENDED', 'This key has ended. Make a new one with apiKeys.create.')
    await insertApiKey(trx, principal, {
      id: newId,
      appId: row.app_id,
      name: row.name,
      secret,
      scopes: row.scopes as Scope[] | null,
      createdAt: now,
      expiresAt: row.expires_at,
    })
    const overlapEnds = new Date(now.getTime() + input.overlapSeconds * 1000)
    const expiresAt = row.expires_at && row.expires_at < overlapEnds ? row.expires_at : overlapEnds
    const data = { expiresAt: expiresAt.toISOString(), prefix: row.prefix, replacement: newId }
    await endApiKey(trx, row, { expiresAt }, { principal, type: 'api_key.rotated', at: now, data })
  })
  return { ...(await readApiKey(services, id)), secret: replayed ? null : secret, replayed }
}
