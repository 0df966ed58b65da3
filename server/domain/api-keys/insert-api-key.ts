import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Scope } from '../../contract/callers.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { prefixOf, secretHash } from './secret.ts'

/** A key about to be stored. Of its secret, only the hash is. */
export interface ApiKeyToInsert {
  id: string
  appId: string | null
  name: string
  secret: string
  scopes: Scope[] | null
  createdAt: Date
  expiresAt: Date | null
}

/** Writes a key, of an app or (with no app) of the platform's operators. */
export async function insertApiKey(trx: Kysely<Database>, principal: Principal, key: ApiKeyToInsert): Promise<void> {
  const prefix = prefixOf(key.secret)
  const step = nextStep(emptyTrail, {
    object: { type: 'api_key', id: key.id, appId: key.appId ?? PLATFORM },
    principal,
    type: 'api_key.created',
    at: key.createdAt,
    data: { name: key.name, prefix, scopes: key.scopes, expiresAt: key.expiresAt?.toISOString() ?? null },
  })
  await trx
    .insertInto('api_key')
    .values({
      id: key.id,
      app_id: key.appId,
      name: key.name,
      prefix,
      hash: secretHash(key.secret),
      scopes: key.scopes,
      created_at: key.createdAt,
      last_used_at: null,
      expires_at: key.expiresAt,
      ...step.head,
    })
    .execute()
  await append(trx, step)
}
