import type { WalletCalls } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import type { UserPrincipal } from '../principal.ts'
import { advance } from '../transactions/advance.ts'
import { followUnreported, signingEnds } from '../transactions/follow-signed.ts'
import { paymentStateOf } from '../transactions/states.ts'
import { submissionOf } from '../transactions/submit.ts'
import { chainName } from '../wire.ts'
import { askBeforeSigning } from './ask-before-signing.ts'
import { type PayerPayment, readPayerPayment } from './payer-payment.ts'
import { requireBalance } from './require-balance.ts'

/** How often the payment or the rules may change before the payer is told to try again. */
const TRIES = 5

/**
 * Hands out the calls that pay, to be signed by the payer in a wallet of their own. Everything that can have changed is asked again first.
 * From then on it may be on its way, and can no longer be cancelled. Asked again, it answers the same, unless the chain shows that they were
 * signed and nobody told.
 *
 * @throws NOT_FOUND, NOT_SIGNABLE (details: `state`), REFUSED_BY_COMPLIANCE, INSUFFICIENT_BALANCE, CHAIN_UNAVAILABLE, CONFLICT
 */
export async function handOutCalls(
  services: Services,
  principal: UserPrincipal,
  { paymentId }: { paymentId: string },
): Promise<WalletCalls> {
  for (let tries = 0; tries < TRIES; tries++) {
    const payment = await readPayerPayment(services, principal, paymentId)
    const { transaction } = payment
    requireSignable(services, payment)
    // whoever asks again may have signed, and never have heard of it
    if (transaction.state === 'submitting' && (await followUnreported(services, transaction))) continue
    const passed = await askBeforeSigning(services, principal, transaction)
    if (!passed) continue
    await requireBalance(services, payment)
    if (transaction.state === 'submitting') return callsOf(services, paymentId, payment)

    // nothing that pays it can be in a block before this one
    const searched = await services.chains.get(transaction.chain_id)!.blockNumber()
    const now = services.clock.now()
    const handedOut = await advance(services, transaction, {
      to: 'submitting',
      principal,
      facts: { submitting_since: now, searched_block: searched },
      nextAttemptAt: new Date(now.getTime() + services.patience.look.longest),
      listVersion: passed.rulesVersion,
    })
    if (handedOut) return callsOf(services, paymentId, { ...payment, transaction: handedOut })
  }
  throw new DomainError('CONFLICT', 'The payment or the rules kept changing. Ask for the calls again.')
}

/** @throws NOT_SIGNABLE */
function requireSignable(services: Services, { transaction }: PayerPayment): void {
  const { state } = transaction
  if (state === 'queued') return
  if (state === 'submitting' && services.clock.now() < signingEnds(services, transaction)) return
  const because =
    state === 'held'
      ? 'It waits for a compliance officer. Ask for its calls once it is accepted.'
      : state === 'submitted'
        ? 'A chain transaction was reported for it, and is followed: signing it again could pay twice.'
        : 'Its time to be signed is over. Pay the paywall anew.'
  throw new DomainError('NOT_SIGNABLE', `This payment has nothing to sign now. ${because}`, {
    state: paymentStateOf[state],
  })
}

function callsOf(services: Services, paymentId: string, { transaction }: PayerPayment): WalletCalls {
  const { wallet, calls } = submissionOf(transaction)
  return {
    paymentId,
    chain: chainName(transaction.chain_id),
    from: wallet,
    calls: calls.map(({ to, data, value }) => ({ to, data, value })),
    expiresAt: signingEnds(services, transaction),
  }
}
