import type { PaywallRow } from '../../../db/schema.ts'
import type { Paywall } from '../../contract/entities.ts'
import { asAddress } from '../wire.ts'

export const paywallColumns = [
  'id',
  'title',
  'merchant_id',
  'asset_id',
  'price',
  'recipient',
  'access_seconds',
  'state',
  'expires_at',
  'created_at',
  'updated_at',
] as const

export const paywallOf = (row: Pick<PaywallRow, (typeof paywallColumns)[number]>): Paywall => ({
  id: row.id,
  title: row.title,
  merchantId: row.merchant_id,
  assetId: row.asset_id,
  price: row.price,
  recipient: asAddress(row.recipient),
  accessSeconds: row.access_seconds === null ? null : Number(row.access_seconds),
  state: row.state,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** A paywall as the audit trail keeps it. */
export const paywallFacts = (paywall: Paywall) => ({
  accessSeconds: paywall.accessSeconds,
  asset: paywall.assetId,
  expiresAt: paywall.expiresAt?.toISOString() ?? null,
  merchant: paywall.merchantId,
  price: String(paywall.price),
  recipient: paywall.recipient,
  state: paywall.state,
  title: paywall.title,
})
