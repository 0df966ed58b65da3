import type { TransactionRow } from '../../../db/schema.ts'
import type { Hash, Payment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { followHash } from '../transactions/follow-signed.ts'
import { isClosed } from '../transactions/postpone.ts'
import { paymentStateOf, type TransactionState } from '../transactions/states.ts'
import { askBeforeSigning } from './ask-before-signing.ts'
import { getPayment } from './get-payment.ts'
import { readPayerPayment } from './payer-payment.ts'

/** How often the payment or the rules may change before the payer is told to try again. */
const TRIES = 5

/**
 * Takes the hash of the chain transaction that pays, as its payer's wallet gave it. It is followed from now on, and proves nothing by itself:
 * only its logs settle the payment, and one that turns out to be something else is forgotten. Reporting the same again changes nothing.
 *
 * @throws NOT_FOUND, NOT_SIGNABLE (details: `state`), ALREADY_PAID (details: `transactionHash`), REFUSED_BY_COMPLIANCE,
 *   CHAIN_UNAVAILABLE, CONFLICT
 */
export async function reportSubmitted(
  services: Services,
  principal: UserPrincipal,
  { paymentId, hash }: { paymentId: string; hash: Hash },
): Promise<Payment> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { transaction } = await readPayerPayment(services, principal, paymentId)
    if (isFollowed(transaction, hash)) return getPayment(services, principal, { paymentId })
    const { state, transaction_hash: transactionHash } = transaction
    if (state === 'confirmed')
      throw new DomainError('ALREADY_PAID', 'Another chain transaction has settled this payment.', { transactionHash })
    if (!followable.has(state))
      throw new DomainError(
        'NOT_SIGNABLE',
        state === 'held'
          ? 'This payment waits for a compliance officer. Report the chain transaction once it is accepted.'
          : `This payment is ${state}, and nothing was handed out to be signed for it. Make another, and report the chain transaction for that.`,
        { state: paymentStateOf[state] },
      )
    if (isClosed(transaction) || (state === 'failed' && transaction.next_attempt_at === null)) {
      services.log.error({ paymentId, hash, alert: true }, 'a chain transaction was reported too late for its payment')
      throw new DomainError(
        'NOT_SIGNABLE',
        'This payment has ended, and the chain was searched a last time: it is too late to report for it. If the chain transaction went through, the merchant has the money: ask them for it, with its hash.',
        { state: paymentStateOf[state] },
      )
    }
    // nobody was asked again before what we did not hand out, or lately before what comes late
    const passed =
      state === 'queued' || state === 'failed' ? await askBeforeSigning(services, principal, transaction) : {}
    if (passed && (await followHash(services, transaction, hash, principal, passed)))
      return getPayment(services, principal, { paymentId })
  }
  throw new DomainError('CONFLICT', 'The payment kept changing. Report the chain transaction again.')
}

const followable: ReadonlySet<TransactionState> = new Set(['queued', 'submitting', 'submitted', 'failed', 'attention'])

/** Whether it is looked after already, or was proven or found to have no effect. */
const isFollowed = ({ state, transaction_hash, block_number }: TransactionRow, hash: Hash): boolean =>
  transaction_hash === hash &&
  (state === 'submitted' ||
    state === 'attention' ||
    state === 'confirmed' ||
    (state === 'failed' && block_number !== null))
