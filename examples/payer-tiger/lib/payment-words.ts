import type { PaymentState } from '@provider-service/client'

/** How a state of a payment is called, and which badge it has. */
export const stateWords: Record<PaymentState, { name: string; badge: string }> = {
  held: { name: 'In review', badge: 'badge-warn' },
  accepted: { name: 'Accepted', badge: 'badge-tiger' },
  submitted: { name: 'On its way', badge: 'badge-tiger' },
  settled: { name: 'Settled', badge: 'badge-good' },
  failed: { name: 'Failed', badge: 'badge-bad' },
  attention: { name: 'Being looked at', badge: 'badge-warn' },
  cancelled: { name: 'Taken back', badge: '' },
  refused: { name: 'Refused', badge: 'badge-bad' },
  expired: { name: 'Expired', badge: '' },
}

export const isOver = (state: PaymentState): boolean => !['held', 'accepted', 'submitted', 'attention'].includes(state)
