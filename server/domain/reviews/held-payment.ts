import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { transactionColumns } from '../transactions/columns.ts'

/** A payment that is held, by its transaction, and the user whose wallet pays it: null for a wallet that is nobody's. */
export interface HeldPayment {
  transaction: TransactionRow
  payerId: string | null
}

/** Undefined once it no longer is held. */
export async function heldPayment({ db }: Services, paymentId: string): Promise<HeldPayment | undefined> {
  const row = await db
    .selectFrom('transaction')
    .innerJoin('payment', 'payment.transaction_id', 'transaction.id')
    .innerJoin('wallet', 'wallet.id', 'payment.wallet_id')
    .select(transactionColumns.map((column) => `transaction.${column}` as const))
    .select('wallet.user_id as payer_id')
    .where('payment.id', '=', paymentId)
    .where('transaction.state', '=', 'held')
    .executeTakeFirst()
  if (!row) return undefined
  const { payer_id: payerId, ...transaction } = row
  return { transaction, payerId }
}
