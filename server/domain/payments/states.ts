import type { PaymentState } from '../../contract/entities.ts'
import type { States } from '../states.ts'

/** The life of a payment: what may follow each state, who may cause it, and when. The picture in the docs is drawn from it. */
export const paymentStates = {
  held: {
    by: { accepted: 'officer', refused: 'officer or compliance', expired: 'clock', cancelled: 'caller' },
    says: 'waits for a compliance officer',
  },
  accepted: {
    by: { submitted: 'payer or dispatcher', cancelled: 'caller', refused: 'compliance', expired: 'clock' },
    says: 'the promise is made: it will settle once, or you will be told why not',
  },
  submitted: {
    by: { settled: 'chain', failed: 'provider', attention: 'tracker' },
    says: 'it is with the wallet provider; or its calls were handed to its payer, who signs them in a wallet of their own',
  },
  settled: { by: { attention: 'chain' }, says: 'the chain shows the transfer; access is granted' },
  failed: {
    by: { attention: 'chain', submitted: 'payer or chain' },
    says: 'nothing was paid; the reason is with it. What a payer has signed late in a wallet of their own is followed all the same',
  },
  attention: {
    by: { settled: 'chain', failed: 'provider', submitted: 'payer or chain' },
    says: 'the outcome is not known yet; an operator was alerted and the service keeps looking',
  },
  cancelled: { by: {}, says: 'taken back by the caller before it was submitted' },
  refused: { by: {}, says: 'compliance refused it before it was submitted' },
  expired: { by: {}, says: 'nobody reviewed it in time, or asked for the calls to sign' },
} as const satisfies States<PaymentState>
