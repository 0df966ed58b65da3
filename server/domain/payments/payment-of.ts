import { type Kysely, sql } from 'kysely'
import type { Database, PaymentRow, TransactionRow } from '../../../db/schema.ts'
import type { Payment } from '../../contract/entities.ts'
import { boughtOrSoldBy } from '../access/bought-or-sold-by.ts'
import { failureOf, type Refused, refusedBy } from '../compliance/failure-of.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { asAddress, asHash, chainName } from '../wire.ts'

/** The payments that a caller may see, joined with the transaction of each: all of the app, or what they paid or were paid. */
export function paymentsOf(db: Kysely<Database>, principal: AppPrincipal) {
  const userId = confinedTo(principal, overseers)
  const payments = db
    .selectFrom('payment')
    .innerJoin('transaction', 'transaction.id', 'payment.transaction_id')
    .where('payment.app_id', '=', principal.appId)
  return userId === null ? payments : payments.where(boughtOrSoldBy(userId, 'payment'))
}

export const paymentColumns = [
  'payment.id',
  'payment.paywall_id',
  'payment.wallet_id',
  'payment.asset_id',
  'payment.payer',
  'payment.recipient',
  'payment.amount',
  'payment.state',
  'payment.decision_id',
  'payment.transaction_id',
  'payment.settled_at',
  'payment.created_at',
  'payment.updated_at',
  'transaction.chain_id',
  'transaction.transaction_hash',
  'transaction.block_number',
  'transaction.failure_reason',
  'transaction.failure_message',
  refusedBy(sql.ref('transaction.refusal_id')).as('refusal'),
] as const

type Row = Omit<PaymentRow, 'app_id' | 'version' | 'audit_head'> &
  Pick<TransactionRow, 'chain_id' | 'transaction_hash' | 'block_number'> &
  Refused

/** A payment as its clients see it. */
export const paymentOf = (row: Row): Payment => ({
  id: row.id,
  paywallId: row.paywall_id,
  walletId: row.wallet_id,
  assetId: row.asset_id,
  chain: chainName(row.chain_id),
  payer: asAddress(row.payer),
  recipient: asAddress(row.recipient),
  amount: row.amount,
  state: row.state,
  decisionId: row.decision_id,
  transactionId: row.transaction_id,
  transactionHash: row.transaction_hash === null ? null : asHash(row.transaction_hash),
  blockNumber: row.block_number,
  failure: failureOf(row),
  settledAt: row.settled_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
