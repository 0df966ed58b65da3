import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { transactionColumns } from '../transactions/columns.ts'
import { paymentStateOf } from '../transactions/states.ts'
import { asAddress } from '../wire.ts'
import type { PaidFrom } from './known-balances.ts'

/** A payment whose payer signs it, in a wallet of their own that they have proven. */
export interface PayerPayment extends PaidFrom {
  transaction: TransactionRow
}

/**
 * Reads a payment from an external wallet of the caller's.
 *
 * @throws NOT_FOUND, NOT_SIGNABLE if a wallet provider signs it
 */
export async function readPayerPayment(
  { db }: Services,
  { appId, userId }: UserPrincipal,
  paymentId: string,
): Promise<PayerPayment> {
  const row = await db
    .selectFrom('payment')
    .innerJoin('transaction', 'transaction.id', 'payment.transaction_id')
    .innerJoin('wallet', 'wallet.id', 'payment.wallet_id')
    .innerJoin('asset', 'asset.id', 'payment.asset_id')
    .select(transactionColumns.map((column) => `transaction.${column}` as const))
    .select(['payment.amount', 'asset.id as asset_id', 'asset.address', 'asset.symbol', 'asset.decimals'])
    .where('payment.id', '=', paymentId)
    .where('payment.app_id', '=', appId)
    .where('wallet.user_id', '=', userId)
    .executeTakeFirst()
  if (!row) throw notFound('payment')
  const { amount, asset_id: id, address, symbol, decimals, ...transaction } = row
  if (transaction.provider !== 'external')
    throw new DomainError(
      'NOT_SIGNABLE',
      'This payment is made from a custodial wallet: nobody else is asked to sign it. Watch it with payments.get.',
      { state: paymentStateOf[transaction.state] },
    )
  return {
    transaction,
    wallet: { id: transaction.wallet_id, address: asAddress(transaction.sender) },
    asset: { id, chainId: transaction.chain_id, address: asAddress(address), symbol, decimals },
    amount,
  }
}
