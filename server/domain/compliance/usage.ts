import type { Usage } from './question.ts'

/**
 * What a meter has counted, in slots of a twelfth of its window, oldest first: slot number, payments, base units. A window ends
 * within a slot, and that slot counts whole: a limit holds for at least its window, and at most a twelfth longer.
 */
export type Buckets = readonly (readonly [slot: number, count: number, sum: string])[]

const SLOTS = 12

const slotOf = (windowSeconds: number, at: Date): number => Math.floor(at.getTime() / ((windowSeconds * 1000) / SLOTS))

/** What lies within the window that ends at a moment. */
export function usageOf(buckets: Buckets, windowSeconds: number, at: Date): Usage {
  const first = slotOf(windowSeconds, at) - SLOTS
  const within = buckets.filter(([slot]) => slot >= first)
  return {
    count: within.reduce((total, [, count]) => total + count, 0),
    sum: within.reduce((total, [, , sum]) => total + BigInt(sum), 0n),
  }
}

/** The buckets with one more payment in them, and without those that no window reaches back to. */
export function withPayment(buckets: Buckets, windowSeconds: number, at: Date, amount: bigint): Buckets {
  const now = slotOf(windowSeconds, at)
  const kept = buckets.filter(([slot]) => slot >= now - SLOTS)
  const known = kept.find(([slot]) => slot === now)
  const others = kept.filter((bucket) => bucket !== known)
  return [...others, [now, (known?.[1] ?? 0) + 1, String(BigInt(known?.[2] ?? 0) + amount)]]
}

/** The buckets without a payment that was counted at that moment, as far as they still have it. */
export function withoutPayment(buckets: Buckets, windowSeconds: number, at: Date, amount: bigint): Buckets {
  const then = slotOf(windowSeconds, at)
  return buckets
    .map((bucket) =>
      bucket[0] === then ? ([then, bucket[1] - 1, String(BigInt(bucket[2]) - amount)] as const) : bucket,
    )
    .filter(([, count]) => count > 0)
}

/** The buckets with another amount for what was counted at a moment, without counting it again. Where that was too long ago, as they are. */
export function withCorrection(buckets: Buckets, windowSeconds: number, at: Date, change: bigint): Buckets {
  const then = slotOf(windowSeconds, at)
  return buckets.map(([slot, count, sum]) => [slot, count, slot === then ? String(BigInt(sum) + change) : sum])
}
