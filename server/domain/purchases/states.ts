import type { PurchaseState } from '../../contract/purchases.ts'
import type { States } from '../states.ts'

/** The life of a purchase. The picture in the docs is drawn from it. */
export const purchaseStates = {
  requested: {
    by: { paying: 'caller', completed: 'seller', refused: 'terms', failed: 'caller or clock' },
    says: 'the seller is asked what it costs; nothing can have been paid',
  },
  paying: {
    by: { completed: 'chain', failed: 'chain or provider', attention: 'tracker' },
    says: 'the budgets have it; it is paid at most once, or you will be told why not',
  },
  completed: { by: {}, says: 'the chain shows the payment, or the seller asked for none; the answer is with it' },
  failed: { by: {}, says: 'nothing was paid; the reason is with it' },
  refused: { by: {}, says: "the app's terms for buying do not allow it; nothing was paid" },
  attention: {
    by: { completed: 'chain', failed: 'chain or provider' },
    says: 'the outcome is not known, or is not what was agreed; the budgets keep it, and it is never tried again',
  },
} as const satisfies States<PurchaseState>
