import type { Payment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { paymentColumns, paymentOf, paymentsOf } from './payment-of.ts'

/** @throws NOT_FOUND */
export async function getPayment(
  services: Services,
  principal: AppPrincipal,
  { paymentId }: { paymentId: string },
): Promise<Payment> {
  const row = await paymentsOf(services.db, principal)
    .select(paymentColumns)
    .where('payment.id', '=', paymentId)
    .executeTakeFirst()
  if (!row) throw notFound('payment')
  return paymentOf(row)
}
