import type { AccessRow } from '../../../db/schema.ts'
import type { Access } from '../../contract/entities.ts'

export const accessColumns = [
  'id',
  'paywall_id',
  'wallet_id',
  'payment_id',
  'starts_at',
  'expires_at',
  'revoked_at',
  'created_at',
] as const

export const accessOf = (row: Pick<AccessRow, (typeof accessColumns)[number]>): Access => ({
  id: row.id,
  paywallId: row.paywall_id,
  walletId: row.wallet_id,
  paymentId: row.payment_id,
  startsAt: row.starts_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})
