import type { TransactionRow } from '../../../db/schema.ts'
import type { PaymentState } from '../../contract/entities.ts'
import type { States } from '../states.ts'

export type TransactionState = TransactionRow['state']

/** The life of a transaction: one on-chain effect we asked for. The picture in the docs is drawn from it. */
export const transactionStates = {
  held: {
    by: { queued: 'officer', refused: 'officer or compliance', expired: 'clock', cancelled: 'caller' },
    says: 'waits for a compliance officer',
  },
  queued: {
    by: {
      submitting: 'payer or dispatcher',
      submitted: 'payer',
      cancelled: 'caller',
      refused: 'compliance',
      expired: 'clock',
    },
    says: 'waits for its wallet to be free; of an external wallet, for its owner to ask for the calls to sign',
  },
  submitting: {
    by: { submitted: 'payer or dispatcher', failed: 'provider', confirmed: 'chain', attention: 'dispatcher' },
    says: 'may be at the provider: from here on it is repeated with its own key or looked up, never made anew; of an external wallet, its calls were handed out and may be signed',
  },
  submitted: {
    by: {
      confirmed: 'chain',
      failed: 'provider',
      attention: 'tracker',
      submitted: 'payer or chain',
      submitting: 'chain',
    },
    says: 'the provider has it; of an external wallet, its owner has reported a chain transaction, which may turn out to be another',
  },
  confirmed: { by: { attention: 'chain' }, says: 'its logs on the chain show what was asked for' },
  failed: {
    by: { attention: 'chain', submitted: 'payer or chain' },
    says: 'it had no effect; of an external wallet, nothing was found in time, and what comes until the last look still counts',
  },
  attention: {
    by: { confirmed: 'chain', failed: 'provider', submitted: 'payer or chain', submitting: 'chain' },
    says: 'past its deadline or contradicted; still looked for',
  },
  cancelled: { by: {}, says: 'taken back before it was submitted' },
  refused: { by: {}, says: 'refused by compliance before it was submitted' },
  expired: { by: {}, says: 'nobody reviewed it in time, or asked for the calls to sign' },
} as const satisfies States<TransactionState>

/** The state a payment has because of its transaction's. */
export const paymentStateOf = {
  held: 'held',
  queued: 'accepted',
  submitting: 'submitted',
  submitted: 'submitted',
  confirmed: 'settled',
  failed: 'failed',
  attention: 'attention',
  cancelled: 'cancelled',
  refused: 'refused',
  expired: 'expired',
} as const satisfies Record<TransactionState, PaymentState>
