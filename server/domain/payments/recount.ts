import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { metersOf } from '../compliance/meters.ts'
import { type Buckets, withoutPayment, withPayment } from '../compliance/usage.ts'
import { readRules } from '../policies/policy-of.ts'

/**
 * Takes a payment out of the meters that it was counted in, since it will not be paid; or counts it in them again, since it may be after all.
 * Counted, it is as of when it was accepted: what is paid late is in the window in which room was made for it.
 */
export async function recount(trx: Kysely<Database>, transactionId: string, isPaid: boolean): Promise<void> {
  const payment = await trx
    .selectFrom('payment')
    .innerJoin('decision', 'decision.id', 'payment.decision_id')
    .innerJoin('policy', 'policy.id', 'decision.policy_id')
    .select(['payment.app_id', 'payment.wallet_id', 'payment.asset_id', 'payment.amount', 'payment.created_at'])
    .select('policy.rules')
    .where('payment.transaction_id', '=', transactionId)
    .executeTakeFirst()
  // no policy, no meters
  if (!payment) return
  const { app_id, wallet_id: walletId, asset_id: assetId, amount, created_at } = payment
  const change = isPaid ? withPayment : withoutPayment
  const meters = metersOf(readRules(payment.rules), { walletId, assetId })
  // in one order everywhere, as when they were counted
  for (const { key, windowSeconds } of meters.toSorted((one, other) => (one.key < other.key ? -1 : 1))) {
    const meter = await trx
      .selectFrom('meter')
      .select(['version', 'buckets'])
      .where('app_id', '=', app_id)
      .where('key', '=', key)
      .executeTakeFirst()
    if (!meter) continue
    const buckets: Buckets = change(meter.buckets, windowSeconds, created_at, amount)
    await trx
      .updateTable('meter')
      .set({ version: meter.version + 1n, buckets: JSON.stringify(buckets) })
      .where('app_id', '=', app_id)
      .where('key', '=', key)
      .execute()
  }
}
