import { type Kysely, sql } from 'kysely'
import type { Database, EercOperationRow, TransactionRow } from '../../../db/schema.ts'
import type { EercOperation } from '../../contract/eerc.ts'
import { failureOf, type Refused, refusedBy } from '../compliance/failure-of.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { asHash } from '../wire.ts'
import { actionOf } from './action-record.ts'

/** The operations that a caller may see, joined with the transaction of each: all of the app, or those of their own wallets. */
export function operationsOf(db: Kysely<Database>, principal: AppPrincipal) {
  const userId = confinedTo(principal, overseers)
  const operations = db
    .selectFrom('eerc_operation')
    .innerJoin('transaction', 'transaction.id', 'eerc_operation.transaction_id')
    .where('eerc_operation.app_id', '=', principal.appId)
  if (userId === null) return operations
  return operations.where('eerc_operation.wallet_id', 'in', (own) =>
    own.selectFrom('wallet').select('id').where('user_id', '=', userId),
  )
}

/** What an operation's own row says of it. */
export const ownColumns = [
  'eerc_operation.id',
  'eerc_operation.token_id',
  'eerc_operation.wallet_id',
  'eerc_operation.action',
  'eerc_operation.state',
  'eerc_operation.requested_by',
  'eerc_operation.reason',
  'eerc_operation.approval_id',
  'eerc_operation.decision_id',
  'eerc_operation.transaction_id',
  'eerc_operation.settled_at',
  'eerc_operation.created_at',
  'eerc_operation.updated_at',
] as const

export const operationColumns = [
  ...ownColumns,
  'transaction.transaction_hash',
  'transaction.block_number',
  'transaction.failure_reason',
  'transaction.failure_message',
  refusedBy(sql.ref('transaction.refusal_id')).as('refusal'),
] as const

type Row = Omit<EercOperationRow, 'app_id' | 'type' | 'payer' | 'recipient' | 'amount' | 'version' | 'audit_head'> &
  Pick<TransactionRow, 'transaction_hash' | 'block_number'> &
  Refused

/** An operation as its clients see it. */
export const operationOf = (row: Row): EercOperation => ({
  id: row.id,
  tokenId: row.token_id,
  walletId: row.wallet_id,
  action: actionOf(row.action),
  state: row.state,
  requestedBy: row.requested_by,
  reason: row.reason,
  approvalId: row.approval_id,
  decisionId: row.decision_id,
  transactionId: row.transaction_id,
  transactionHash: row.transaction_hash === null ? null : asHash(row.transaction_hash),
  blockNumber: row.block_number,
  failure: failureOf(row),
  settledAt: row.settled_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
