import type { PaymentState } from '@provider-service/client'
import { stateWords } from '@/lib/payment-words.ts'

export function StateBadge({ state }: { state: PaymentState }) {
  const { name, badge } = stateWords[state]
  return <span className={`badge ${badge}`}>{name}</span>
}
