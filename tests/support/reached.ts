import type { PaymentState } from '../../server/contract/entities.ts'
import { paymentStateOf, type TransactionState } from '../../server/domain/transactions/states.ts'
import { eventually } from './eventually.ts'
import type { World } from './world.ts'

/**
 * Waits until the service's own log tells that a payment came to a state. Where many are waited for at once, asking the service
 * for each would be most of its work.
 */
export function reached(world: World, paymentId: string, state: PaymentState, within = 25_000): Promise<void> {
  return eventually(() => {
    const moves = world.log.filter((line) => line.paymentId === paymentId).map(({ to }) => to as TransactionState)
    if (!moves.some((to) => paymentStateOf[to] === state)) throw new Error(`payment came to ${moves}, not to ${state}`)
  }, within)
}
