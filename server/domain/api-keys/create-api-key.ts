import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { NewApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { getApp } from '../apps/get-app.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { intentionOf, once } from '../idempotency.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { apiKeyColumns, apiKeyOf } from './api-key-of.ts'
import { newSecret, prefixOf, secretHash } from './secret.ts'

/**
 * Makes a key for an app; its secret is in this answer and nowhere else. A replay has the key without it: revoke that key and
 * make another if the secret was lost.
 *
 * @throws NOT_FOUND, IDEMPOTENCY_MISMATCH
 */
export async function createApiKey(
  services: Services,
  principal: Principal,
  input: { appId: string; name: string; expiresAt: Date | null; idempotencyKey: string },
): Promise<NewApiKey> {
  await getApp(services, input)
  const secret = newSecret()
  const { id, replayed } = await once(services, intentionOf(principal, 'apiKeys.create', { ...input }), (trx, keyId) =>
    insertApiKey(trx, principal, { id: keyId, secret, createdAt: services.clock.now(), ...input }),
  )
  const row = await services.db
    .selectFrom('api_key')
    .select(apiKeyColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...apiKeyOf(row), secret: replayed ? null : secret, replayed }
}

/** Writes a key, of an app or (with no app) of the platform's operators. */
export async function insertApiKey(
  trx: Kysely<Database>,
  principal: Principal,
  key: { id: string; appId: string | null; name: string; secret: string; createdAt: Date; expiresAt: Date | null },
): Promise<void> {
  const step = nextStep(emptyTrail, {
    object: { type: 'api_key', id: key.id, appId: key.appId ?? PLATFORM },
    principal,
    type: 'api_key.created',
    at: key.createdAt,
    data: { name: key.name, prefix: prefixOf(key.secret), expiresAt: key.expiresAt?.toISOString() ?? null },
  })
  await trx
    .insertInto('api_key')
    .values({
      id: key.id,
      app_id: key.appId,
      name: key.name,
      prefix: prefixOf(key.secret),
      hash: secretHash(key.secret),
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      ...step.head,
    })
    .execute()
  await append(trx, step)
}
