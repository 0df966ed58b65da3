import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { ApiKeyRow, Database } from '../../db/schema.ts'
import { atomically, reading } from '../../db/transaction.ts'
import { secretHash } from '../domain/api-keys/secret.ts'

export type ApiKeyFound = Pick<
  ApiKeyRow,
  'id' | 'app_id' | 'hash' | 'scopes' | 'last_used_at' | 'expires_at' | 'revoked_at'
>

/** Finds the key of a secret. */
export type ReadApiKey = (secret: string) => Promise<ApiKeyFound | undefined>

/** Reads keys from the database for every request: a revoked one ends with the commit that revokes it. */
export function apiKeyReader(db: Kysely<Database>): ReadApiKey {
  const keyOf = coalesce(async (hashes: string[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<ApiKeyFound>`/* prepared: read-api-keys */
          select id, app_id, hash, scopes, last_used_at, expires_at, revoked_at from api_key
          where hash = any(${hashes.map((hash) => Buffer.from(hash, 'hex'))}::bytea[])`.execute(one),
      reading,
    )
    return new Map(rows.map((row) => [row.hash.toString('hex'), row]))
  })
  return (secret) => keyOf(secretHash(secret).toString('hex'))
}
