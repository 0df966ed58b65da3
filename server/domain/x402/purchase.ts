import type { Payment } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import { paymentColumns, paymentOf } from '../payments/payment-of.ts'

/** A payment that was taken over HTTP 402, and what it has bought. */
export interface Purchase {
  payment: Payment
  paywall: { id: string; title: string }
  asset: { address: string; symbol: string; decimals: number }
  /** Null until it is settled. */
  access: { startsAt: Date; expiresAt: Date | null } | null
}

/** States in which a payment goes on by itself. */
const underWay: ReadonlySet<Payment['state']> = new Set(['held', 'accepted', 'submitted', 'attention'])

export const isUnderWay = ({ payment }: Purchase): boolean => underWay.has(payment.state)

/** Milliseconds between two looks at what another process may have moved. */
const LOOK = 250

/**
 * Waits for a payment to end, at most so many milliseconds. Answers with it as it is then.
 *
 * @throws NOT_FOUND
 */
export async function awaitPurchase(services: Services, paymentId: string, milliseconds: number): Promise<Purchase> {
  const until = performance.now() + milliseconds
  for (let purchase = await readPurchase(services, paymentId); ; ) {
    const left = until - performance.now()
    if (!isUnderWay(purchase) || left <= 0) return purchase
    const moved = services.moves.next(purchase.payment.transactionId, Math.min(LOOK, left))
    // it may have moved before we listened
    purchase = await readPurchase(services, paymentId)
    if (!isUnderWay(purchase)) return purchase
    await moved
    purchase = await readPurchase(services, paymentId)
  }
}

export async function readPurchase({ db }: Services, paymentId: string): Promise<Purchase> {
  const row = await db
    .selectFrom('payment')
    .innerJoin('transaction', 'transaction.id', 'payment.transaction_id')
    .innerJoin('paywall', 'paywall.id', 'payment.paywall_id')
    .innerJoin('asset', 'asset.id', 'payment.asset_id')
    .leftJoin('access', (join) =>
      join.onRef('access.payment_id', '=', 'payment.id').on('access.revoked_at', 'is', null),
    )
    .select(paymentColumns)
    .select(['paywall.title', 'asset.address as token', 'asset.symbol', 'asset.decimals'])
    .select(['access.starts_at', 'access.expires_at'])
    .where('payment.id', '=', paymentId)
    .executeTakeFirst()
  if (!row) throw notFound('payment')
  return {
    payment: paymentOf(row),
    paywall: { id: row.paywall_id, title: row.title },
    asset: { address: row.token, symbol: row.symbol, decimals: row.decimals },
    access: row.starts_at && { startsAt: row.starts_at, expiresAt: row.expires_at },
  }
}
