/** What an amount is of. */
export interface Unit {
  symbol: string
  decimals: number
}

/**
 * An amount of base units as people write it: `1500000n` of USDC is `1.50 USDC`. Exact however large it is: at least two digits after the point
 * where the unit has them, and all that are not zero.
 */
export function formatAmount(amount: bigint, { symbol, decimals }: Unit): string {
  return `${formatNumber(amount, decimals)} ${symbol}`
}

export function formatNumber(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const grouped = new Intl.NumberFormat('en').format(BigInt(whole))
  const shown = fraction.padEnd(Math.min(2, decimals), '0')
  return `${sign}${grouped}${shown && `.${shown}`}`
}

/**
 * Base units of what a person typed, such as `1.50`; null if it is no amount, or finer than the unit is.
 */
export function parseAmount(text: string, decimals: number): bigint | null {
  const [, whole, fraction = ''] = /^\s*(\d{1,30})(?:[.,](\d*))?\s*$/.exec(text) ?? []
  if (whole === undefined || fraction.length > decimals) return null
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}
