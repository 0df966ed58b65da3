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
    by: { submitting: 'dispatcher', cancelled: 'caller', refused: 'compliance' },
    says: 'waits for its wallet to be free',
  },
  submitting: {
    by: { submitted: 'dispatcher', failed: 'provider', confirmed: 'chain', attention: 'dispatcher' },
    says: 'may be at the provider: from here on it is repeated with its own key or looked up, never made anew',
  },
  submitted: { by: { confirmed: 'chain', failed: 'provider', attention: 'tracker' }, says: 'the provider has it' },
  confirmed: { by: { attention: 'chain' }, says: 'its logs on the chain show what was asked for' },
  failed: { by: { attention: 'chain' }, says: 'it had no effect' },
  attention: {
    by: { confirmed: 'chain', failed: 'provider' },
    says: 'past its deadline or contradicted; still looked for',
  },
  cancelled: { by: {}, says: 'taken back before it was submitted' },
  refused: { by: {}, says: 'refused by compliance before it was submitted' },
  expired: { by: {}, says: 'nobody reviewed it in time' },
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
