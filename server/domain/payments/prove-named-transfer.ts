import type { TransactionRow } from '../../../db/schema.ts'
import { type Chain, ChainUnavailable, type Receipt } from '../../gateways/chain/chain.ts'
import { type ExpectedTransfer, transfersIn } from '../../gateways/chain/transfer-in-receipt.ts'
import type { Services } from '../../services.ts'
import type { Proof } from '../transactions/purpose.ts'
import { asAddress } from '../wire.ts'
import { isNamedIn, namesOfPayment } from './names-in-calldata.ts'

/** The transfer that pays, and the bytes one of which its chain transaction must have. */
export async function namedTransfer(
  { db }: Services,
  transactionId: string,
): Promise<ExpectedTransfer & { names: ReturnType<typeof namesOfPayment> }> {
  const row = await db
    .selectFrom('payment')
    .innerJoin('asset', 'asset.id', 'payment.asset_id')
    .select(['asset.address', 'payment.payer', 'payment.recipient', 'payment.amount', 'payment.paywall_id'])
    .where('payment.transaction_id', '=', transactionId)
    .executeTakeFirstOrThrow()
  return {
    token: asAddress(row.address),
    from: asAddress(row.payer),
    to: asAddress(row.recipient),
    amount: row.amount,
    names: namesOfPayment({ transactionId, paywallId: row.paywall_id }),
  }
}

/**
 * Proves a payment that its payer has signed: whatever chain transaction they report, it is theirs to choose. So it must name the payment or
 * its paywall, and show the transfer in a log that has settled no other payment.
 *
 * @throws ChainUnavailable
 */
export async function proveNamedTransfer(
  services: Services,
  { id, chain_id }: TransactionRow,
  chain: Chain,
  { transactionHash, succeeded, logs }: Receipt,
): Promise<Proof> {
  const [expected, calldata] = await Promise.all([namedTransfer(services, id), chain.input(transactionHash)])
  // the node that was asked is behind the one that had the receipt
  if (calldata === null)
    throw new ChainUnavailable(`Chain ${chain.chainId} has a receipt of ${transactionHash}, but not the transaction.`)
  if (!isNamedIn(calldata, expected.names)) return { proven: false, because: 'absent' }
  if (!succeeded) return { proven: false, because: 'reverted' }
  const shown = transfersIn(logs, expected)
  if (shown.length === 0) return { proven: false, because: 'absent' }

  const counted = await services.db
    .selectFrom('transaction')
    .select('log_index')
    .where('transaction_hash', '=', transactionHash)
    .where('chain_id', '=', chain_id)
    .where('log_index', 'in', shown)
    .where('id', '<>', id)
    .execute()
  const logIndex = shown.find((index) => counted.every(({ log_index }) => log_index !== index))
  return logIndex === undefined ? { proven: false, because: 'counted' } : { proven: true, logIndex }
}
