import type { ApiKeyRow } from '../../../db/schema.ts'
import type { ApiKey } from '../../contract/entities.ts'

export const apiKeyColumns = ['id', 'app_id', 'name', 'prefix', 'created_at', 'expires_at', 'revoked_at'] as const

/** A key as its owners see it: without its hash. */
export const apiKeyOf = (row: Pick<ApiKeyRow, (typeof apiKeyColumns)[number]>): ApiKey => ({
  id: row.id,
  appId: row.app_id,
  name: row.name,
  prefix: row.prefix,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})
