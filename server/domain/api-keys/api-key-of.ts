import type { ApiKeyRow } from '../../../db/schema.ts'
import type { Scope } from '../../contract/callers.ts'
import type { ApiKey } from '../../contract/entities.ts'

export const apiKeyColumns = [
  'id',
  'app_id',
  'name',
  'prefix',
  'scopes',
  'created_at',
  'last_used_at',
  'expires_at',
  'revoked_at',
] as const

/** A key as its owners see it: without its hash. */
export const apiKeyOf = (row: Pick<ApiKeyRow, (typeof apiKeyColumns)[number]>): ApiKey => ({
  id: row.id,
  appId: row.app_id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes as Scope[] | null,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})
