import { randomUUID } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { PaymentRow } from '../../../db/schema.ts'

/** A payment with the period its paywall sells; null is for ever. */
export type PaymentServed = PaymentRow & { access_seconds: bigint | null }

/** What becomes of the access that a payment bought. */
export type AccessChange = 'granted' | 'revoked' | 'untouched'

/**
 * Grants what a settled payment bought, from now on for the paywall's period, or takes it back because the chain no longer shows
 * that it was paid. A payment grants once: settled again after the chain had dropped it, its access is given back as it was.
 *
 * It is a part of the statement that moves the payment, and takes effect if that has a `moved` row.
 */
export function accessFollows(payment: PaymentServed, change: AccessChange, now: Date): RawBuilder<unknown> {
  const { access_seconds: seconds } = payment
  const expiresAt = seconds === null ? null : new Date(now.getTime() + Number(seconds) * 1000)
  const revokedAt = change === 'revoked' ? now : null
  return sql`
    insert into access (id, app_id, paywall_id, wallet_id, payment_id, starts_at, expires_at, revoked_at, created_at)
    select ${randomUUID()}::uuid, ${payment.app_id}::uuid, ${payment.paywall_id}::uuid, ${payment.wallet_id}::uuid,
      ${payment.id}::uuid, ${now}::timestamptz, ${expiresAt}::timestamptz, ${revokedAt}::timestamptz, ${now}::timestamptz
    from moved where ${change !== 'untouched'}::bool
    on conflict (payment_id) do update set revoked_at = excluded.revoked_at`
}
