import type { TransactionRow } from '../../../db/schema.ts'
import type { ExpectedTransfer } from '../../gateways/chain/transfer-in-receipt.ts'
import type { Services } from '../../services.ts'
import { asAddress } from '../wire.ts'

/** The transfer that the chain must show for a payment's transaction to settle. */
export async function expectedTransfer(services: Services, transaction: TransactionRow): Promise<ExpectedTransfer> {
  const row = await services.db
    .selectFrom('payment')
    .innerJoin('asset', 'asset.id', 'payment.asset_id')
    .select(['asset.address', 'payment.payer', 'payment.recipient', 'payment.amount'])
    .where('payment.transaction_id', '=', transaction.id)
    .executeTakeFirstOrThrow()
  return {
    token: asAddress(row.address),
    from: asAddress(row.payer),
    to: asAddress(row.recipient),
    amount: row.amount,
  }
}
