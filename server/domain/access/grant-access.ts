import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Database, PaymentRow } from '../../../db/schema.ts'

/**
 * Grants what a settled payment bought, from now on for the paywall's period. A payment grants once: settled again after
 * the chain had dropped it, its access is given back as it was.
 */
export async function grantAccess(trx: Transaction<Database>, payment: PaymentRow, now: Date): Promise<void> {
  const { access_seconds } = await trx
    .selectFrom('paywall')
    .select('access_seconds')
    .where('id', '=', payment.paywall_id)
    .executeTakeFirstOrThrow()
  await trx
    .insertInto('access')
    .values({
      id: randomUUID(),
      app_id: payment.app_id,
      paywall_id: payment.paywall_id,
      wallet_id: payment.wallet_id,
      payment_id: payment.id,
      starts_at: now,
      expires_at: access_seconds === null ? null : new Date(now.getTime() + Number(access_seconds) * 1000),
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('payment_id').doUpdateSet({ revoked_at: null }))
    .execute()
}
