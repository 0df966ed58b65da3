import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { transactionColumns } from '../transactions/columns.ts'

/** The transaction of a payment that is held; undefined once it no longer is. */
export const heldTransaction = ({ db }: Services, paymentId: string): Promise<TransactionRow | undefined> =>
  db
    .selectFrom('transaction')
    .innerJoin('payment', 'payment.transaction_id', 'transaction.id')
    .select(transactionColumns.map((column) => `transaction.${column}` as const))
    .where('payment.id', '=', paymentId)
    .where('transaction.state', '=', 'held')
    .executeTakeFirst()
