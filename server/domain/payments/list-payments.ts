import type { Page, Payment, PaymentState } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { paymentColumns, paymentOf, paymentsOf } from './payment-of.ts'

/** What payments are searched by. */
export interface PaymentFilter extends PageRequest {
  walletId?: string | undefined
  paywallId?: string | undefined
  state?: PaymentState | undefined
}

/** Lists the payments that the caller may see, newest first. */
export async function listPayments(
  services: Services,
  principal: AppPrincipal,
  { walletId, paywallId, state, ...request }: PaymentFilter,
): Promise<Page<Payment>> {
  let query = paymentsOf(services.db, principal).select(paymentColumns)
  if (walletId) query = query.where('payment.wallet_id', '=', walletId)
  if (paywallId) query = query.where('payment.paywall_id', '=', paywallId)
  if (state) query = query.where('payment.state', '=', state)
  return page(query, 'payment', request, paymentOf)
}
