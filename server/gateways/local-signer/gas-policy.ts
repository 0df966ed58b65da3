/** What transactions pay for gas, in wei for each unit. A `cap` is never passed, whatever happens. */
export type GasPolicy =
  | { policy: 'eip1559'; cap: bigint; tip: bigint }
  | { policy: 'fixed'; price: bigint; cap?: bigint | undefined }

/** The most that is paid for a unit of gas, and what of it goes to who makes the block. */
export interface Fees {
  feeCap: bigint
  tip: bigint
}

const smaller = (one: bigint, other: bigint) => (one < other ? one : other)
const larger = (one: bigint, other: bigint) => (one > other ? one : other)

/** What a new transaction offers: enough for the base fee to double before it is left behind. */
export function feesFor(policy: GasPolicy, baseFee: bigint): Fees {
  if (policy.policy === 'fixed') return { feeCap: policy.price, tip: policy.price }
  return { feeCap: smaller(policy.cap, 2n * baseFee + policy.tip), tip: policy.tip }
}

/**
 * What takes the place of a transaction that offered `before`: an eighth more of both, and more where the base fee asks for it. Nodes take
 * nothing below a tenth. Null: the cap does not allow it.
 */
export function raised(policy: GasPolicy, before: Fees, baseFee: bigint): Fees | null {
  const more = (fee: bigint) => fee + fee / 8n + 1n
  const now = feesFor(policy, baseFee)
  const fees = { feeCap: larger(more(before.feeCap), now.feeCap), tip: larger(more(before.tip), now.tip) }
  const cap = policy.policy === 'fixed' ? (policy.cap ?? policy.price) : policy.cap
  return fees.feeCap > cap ? null : { feeCap: fees.feeCap, tip: smaller(fees.tip, fees.feeCap) }
}
