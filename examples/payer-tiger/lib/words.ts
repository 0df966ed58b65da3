/** The same on the server and in every browser, so that a page does not change under whoever reads it. */
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const second = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

export const formatMoment = (date: Date): string => `${moment.format(date)} UTC`
export const formatTime = (date: Date): string => second.format(date)
export const formatDay = (date: Date): string => day.format(date)

/** `0x1234…abcd`, for addresses and hashes. */
export const short = (hex: string): string => `${hex.slice(0, 6)}…${hex.slice(-4)}`

/** For how long a payment buys access. */
export function accessWords(seconds: number | null): string {
  if (seconds === null) return 'Yours for good'
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
  const [size, name] = units.find(([length]) => seconds >= length) ?? [1, 'second']
  const count = Math.round(seconds / size)
  return count === 1 ? `Yours for a ${name}` : `Yours for ${count} ${name}s`
}
