import type { Transaction } from 'kysely'
import type { Database, PaymentRow } from '../../../db/schema.ts'

/** Takes back what a payment bought, because the chain no longer shows that it was paid. */
export async function revokeAccess(trx: Transaction<Database>, payment: PaymentRow, now: Date): Promise<void> {
  await trx.updateTable('access').set({ revoked_at: now }).where('payment_id', '=', payment.id).execute()
}
