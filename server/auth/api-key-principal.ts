import type { Kysely } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { Database } from '../../db/schema.ts'
import { secretHash } from '../domain/api-keys/secret.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../services.ts'

/** Finds who an `Authorization` header speaks for; null for a missing, unknown, expired or revoked key. */
export type Authenticate = (authorization: string | undefined) => Promise<Principal | null>

const bearer = /^Bearer (psk_[A-Za-z0-9_-]{43})$/

/** Keys are read from the database for every request: a revoked one ends with the commit that revokes it. */
export function apiKeyAuthentication(db: Kysely<Database>, clock: Clock): Authenticate {
  const keyOf = coalesce(async (hashes: string[]) => {
    const rows = await db
      .selectFrom('api_key')
      .select(['id', 'app_id', 'hash', 'expires_at', 'revoked_at'])
      .where(
        'hash',
        'in',
        hashes.map((hash) => Buffer.from(hash, 'hex')),
      )
      .execute()
    return new Map(rows.map((row) => [row.hash.toString('hex'), row]))
  })

  return async (authorization) => {
    const secret = bearer.exec(authorization ?? '')?.[1]
    if (!secret) return null
    const key = await keyOf(secretHash(secret).toString('hex'))
    if (!key || key.revoked_at || (key.expires_at && key.expires_at <= clock.now())) return null
    return { kind: 'service', keyId: key.id, appId: key.app_id }
  }
}
