import { all, type Client, type Payment, type Paywall } from '@provider-service/client'

const DAY = 86_400_000

/** For how long a payment may wait before it is sold: an officer has three days, the chain some minutes. */
const LONGEST_WAIT = 4 * DAY

/** A merchant's own paywalls, newest first. */
export async function readOwn(client: Client, merchantId: string, signal: AbortSignal): Promise<Paywall[]> {
  const own: Paywall[] = []
  for await (const paywall of all(client.paywalls.list, { limit: 100 }, { signal }))
    if (paywall.merchantId === merchantId) own.push(paywall)
  return own
}

/** What was settled for some paywalls since then, newest first. */
export async function readSales(
  client: Client,
  paywallIds: readonly string[],
  since: Date,
  signal: AbortSignal,
): Promise<Payment[]> {
  const own = new Set(paywallIds)
  const sales: Payment[] = []
  for await (const payment of all(client.payments.list, { state: 'settled', limit: 100 }, { signal })) {
    // they come as they were made, newest first, and some are settled late
    if (payment.createdAt.getTime() < since.getTime() - LONGEST_WAIT) break
    // a merchant is shown what they bought, too
    if (own.has(payment.paywallId) && payment.settledAt && payment.settledAt >= since) sales.push(payment)
  }
  return sales
}

/** How a span is cut into bars. */
export interface Span {
  /** Milliseconds of a bar. */
  step: number
  count: number
}

export const spans = {
  day: { step: 3_600_000, count: 24 },
  week: { step: DAY, count: 7 },
  month: { step: DAY, count: 30 },
} as const satisfies Record<string, Span>

export type SpanName = keyof typeof spans

/** What was earned from `from` on, until the next bar. */
export interface Bar {
  from: Date
  count: number
  /** In base units. */
  sum: bigint
}

/** The beginning of the first of the bars that end with the one that is going on; days begin at midnight UTC. */
export const beginning = ({ step, count }: Span, now: Date): Date =>
  new Date((Math.floor(now.getTime() / step) - count + 1) * step)

/** Sums what was settled into bars. Sales in another asset, or of another time, are left out. */
export function barsOf(sales: readonly Payment[], span: Span, now: Date, assetId: string): Bar[] {
  const from = beginning(span, now).getTime()
  const bars = Array.from(
    { length: span.count },
    (_, index): Bar => ({
      from: new Date(from + index * span.step),
      count: 0,
      sum: 0n,
    }),
  )
  for (const sale of sales) {
    if (sale.assetId !== assetId || !sale.settledAt) continue
    const bar = bars[Math.floor((sale.settledAt.getTime() - from) / span.step)]
    if (!bar) continue
    bar.count++
    bar.sum += sale.amount
  }
  return bars
}
