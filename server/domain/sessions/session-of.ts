import type { SessionRow } from '../../../db/schema.ts'
import type { Session } from '../../contract/entities.ts'
import { asAddress } from '../wire.ts'

export const sessionColumns = ['id', 'address', 'created_at', 'last_seen_at', 'expires_at', 'revoked_at'] as const

export const sessionOf = (
  row: Pick<SessionRow, (typeof sessionColumns)[number]>,
  currentId: string | null,
): Session => ({
  id: row.id,
  address: asAddress(row.address),
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  current: row.id === currentId,
})
