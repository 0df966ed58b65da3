import type { Scope } from '../../contract/callers.ts'
import type { NewApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { getApp } from '../apps/get-app.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { insertApiKey } from './insert-api-key.ts'
import { readApiKey } from './read-api-key.ts'
import { newSecret } from './secret.ts'

/** A key to be made. */
export interface ApiKeyRequest {
  appId: string
  name: string
  /** Null is all that keys of an app may do. */
  scopes: Scope[] | null
  expiresAt: Date | null
  idempotencyKey: string
}

/**
 * Makes a key for an app; its secret is in this answer and nowhere else. A replay has the key without it: revoke that key and
 * make another if the secret was lost.
 *
 * @throws NOT_FOUND, IDEMPOTENCY_MISMATCH
 */
export async function createApiKey(services: Services, principal: Principal, input: ApiKeyRequest): Promise<NewApiKey> {
  await getApp(services, input)
  const secret = newSecret()
  const { id, replayed } = await once(services, intentionOf(principal, 'apiKeys.create', { ...input }), (trx, keyId) =>
    insertApiKey(trx, principal, { id: keyId, secret, createdAt: services.clock.now(), ...input }),
  )
  return { ...(await readApiKey(services, id)), secret: replayed ? null : secret, replayed }
}
