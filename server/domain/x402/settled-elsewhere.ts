import type { TransactionRow } from '../../../db/schema.ts'
import type { Hash } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { asAddress, asHash } from '../wire.ts'

/**
 * An authorization can be brought to the chain by whoever sees it. Where somebody was quicker, their chain transaction pays as ours would
 * have; null where nobody was, and for payments without an authorization.
 *
 * @throws ChainUnavailable
 */
export async function settledElsewhere(services: Services, transaction: TransactionRow): Promise<Hash | null> {
  if (transaction.provider !== 'local') return null
  const market = services.seller?.market(transaction.chain_id)
  if (!market) return null
  const taken = await services.db
    .selectFrom('x402_payment')
    .innerJoin('payment', 'payment.id', 'x402_payment.payment_id')
    .select(['x402_payment.token', 'x402_payment.payer', 'x402_payment.nonce'])
    .where('payment.transaction_id', '=', transaction.id)
    .executeTakeFirst()
  if (!taken) return null
  return market.whereUsed(asAddress(taken.token), { from: asAddress(taken.payer), nonce: asHash(taken.nonce) })
}
