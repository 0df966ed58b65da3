import type { TransactionRow } from '../../../db/schema.ts'

/** What the trail and the events of the object that owns a transaction say of it. JSON values only. */
export const toldOf = (moved: TransactionRow): Record<string, unknown> => ({
  transaction: moved.id,
  transactionState: moved.state,
  ...(moved.reference && { reference: moved.reference }),
  ...(moved.user_operation_hash && { userOperationHash: moved.user_operation_hash }),
  ...(moved.transaction_hash && { transactionHash: moved.transaction_hash }),
  ...(moved.block_number !== null && { blockNumber: String(moved.block_number) }),
  ...(moved.log_index !== null && { logIndex: moved.log_index }),
  ...(moved.failure_reason && { failure: { reason: moved.failure_reason, message: moved.failure_message } }),
})
