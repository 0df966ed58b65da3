/** Text as HTML and SVG show it, also within quotes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A whole number as people read it, such as 1,234. */
export const whole = (value: number | bigint): string => value.toLocaleString('en')

/** An amount in base units as people read it: every digit of it, and two after the point at least. */
export function decimal(amount: bigint, decimals: number): string {
  const digits = String(amount).padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const fraction = digits.slice(point).replace(/0+$/, '').padEnd(Math.min(2, decimals), '0')
  return whole(BigInt(digits.slice(0, point))) + (fraction === '' ? '' : `.${fraction}`)
}

/** A time of so many seconds as people read it, in its two largest units. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const [[unit, size], smaller] = [units[first]!, units[first + 1]]
  const rest = smaller ? Math.floor((seconds % size) / smaller[1]) : 0
  return `${Math.floor(seconds / size)} ${unit}${smaller && rest > 0 ? ` ${rest} ${smaller[0]}` : ''}`
}
