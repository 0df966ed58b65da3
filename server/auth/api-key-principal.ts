import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { ApiKeyRow, Database } from '../../db/schema.ts'
import { atomically, reading } from '../../db/transaction.ts'
import { secretHash } from '../domain/api-keys/secret.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../services.ts'

/** Finds who an `Authorization` header speaks for; null for a missing, unknown, expired or revoked key. */
export type Authenticate = (authorization: string | undefined) => Promise<Principal | null>

type KeyRow = Pick<ApiKeyRow, 'id' | 'app_id' | 'hash' | 'expires_at' | 'revoked_at'>

const bearer = /^Bearer (psk_[A-Za-z0-9_-]{43})$/

/** Keys are read from the database for every request: a revoked one ends with the commit that revokes it. */
export function apiKeyAuthentication(db: Kysely<Database>, clock: Clock): Authenticate {
  const keyOf = coalesce(async (hashes: string[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<KeyRow>`/* prepared: read-api-keys */
          select id, app_id, hash, expires_at, revoked_at from api_key
          where hash = any(${hashes.map((hash) => Buffer.from(hash, 'hex'))}::bytea[])`.execute(one),
      reading,
    )
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
