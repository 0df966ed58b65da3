import type { Payment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type AppPrincipal, confinedTo } from '../principal.ts'
import { retireReview } from '../reviews/retire-review.ts'
import { advance } from '../transactions/advance.ts'
import { transactionColumns } from '../transactions/columns.ts'
import { isWalletOf } from '../wallets/is-wallet-of.ts'
import { getPayment } from './get-payment.ts'

/**
 * Takes a payment back that was not handed to the wallet provider, or to its payer to sign, yet. Cancelling a cancelled payment answers with it. People who
 * do not operate the app take back what they pay, not what they are paid.
 *
 * @throws NOT_FOUND, NOT_CANCELLABLE
 */
export async function cancelPayment(
  services: Services,
  principal: AppPrincipal,
  input: { paymentId: string },
): Promise<Payment> {
  const payment = await getPayment(services, principal, input)
  const userId = confinedTo(principal, ['operator'])
  if (userId && !(await isWalletOf(services, payment.walletId, userId))) throw notFound('payment')
  if (payment.state === 'cancelled') return payment
  const transaction = await services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', payment.transactionId)
    .executeTakeFirstOrThrow()
  const isHeld = transaction.state === 'held'
  const cancelled =
    (isHeld || transaction.state === 'queued') &&
    (await advance(services, transaction, {
      to: 'cancelled',
      principal,
      nextAttemptAt: null,
      ...(isHeld && {
        alongside: (trx, at) => retireReview(trx, transaction.id, principal, { because: 'cancelled', at }),
      }),
    }))
  const now = await getPayment(services, principal, input)
  if (cancelled || now.state === 'cancelled') return now
  throw new DomainError(
    'NOT_CANCELLABLE',
    `This payment is ${now.state}: it was handed to the wallet and can no longer be taken back. Watch it with payments.get.`,
    { state: now.state },
  )
}
