import type { PurchaseRow } from '../../../db/schema.ts'
import type { BuyingCheck, Purchase } from '../../contract/purchases.ts'
import { asAddress, asHash } from '../wire.ts'

export const purchaseColumns = [
  'purchase.id',
  'purchase.requested_by',
  'purchase.way',
  'purchase.method',
  'purchase.url',
  'purchase.state',
  'purchase.asset_id',
  'purchase.payee',
  'purchase.price',
  'purchase.fee',
  'purchase.spent',
  'purchase.transaction_hash',
  'purchase.failure_reason',
  'purchase.failure_message',
  'purchase.checks',
  'purchase.created_at',
  'purchase.updated_at',
] as const

type Row = Pick<
  PurchaseRow,
  | 'id'
  | 'requested_by'
  | 'way'
  | 'method'
  | 'url'
  | 'state'
  | 'asset_id'
  | 'payee'
  | 'price'
  | 'fee'
  | 'spent'
  | 'transaction_hash'
  | 'failure_reason'
  | 'failure_message'
  | 'checks'
  | 'created_at'
  | 'updated_at'
>

/** A purchase as its clients see it. */
export const purchaseOf = (row: Row): Purchase => ({
  id: row.id,
  state: row.state,
  way: row.way,
  method: row.method,
  url: row.url,
  assetId: row.asset_id,
  payee: row.payee === null ? null : asAddress(row.payee),
  price: row.price,
  fee: row.fee,
  spent: row.spent,
  transactionHash: row.transaction_hash === null ? null : asHash(row.transaction_hash),
  problem: row.failure_reason === null ? null : { reason: row.failure_reason, message: row.failure_message ?? '' },
  // written by us
  checks: row.checks as BuyingCheck[],
  requestedBy: row.requested_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
