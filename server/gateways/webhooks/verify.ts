import { timingSafeEqual } from 'node:crypto'

/** A delivery as it came: every value of every header, by its lower-case name, and the bytes of the body before any parsing. */
export interface Delivery {
  headers: Readonly<Record<string, readonly string[] | undefined>>
  body: Buffer
}

/** Why a delivery is not taken. */
export type Refusal = 'missing_headers' | 'bad_id' | 'bad_timestamp' | 'too_old' | 'bad_signature' | 'unreadable'

/** `id` is the same for every delivery of one event. */
export type Verdict = { ok: true; id: string; sentAt: Date } | { ok: false; reason: Refusal }

/** Says whether whoever holds the secret signed this very delivery, a short while before or after `now`, in milliseconds. */
export type Verify = (delivery: Delivery, now: number) => Verdict

/** Seconds that a delivery may be away from our clock, before or after. */
export const tolerance = 300

/** The value of a header that is given once; null for none, an empty one, and several: what is given twice is nobody's. */
export function only({ headers }: Delivery, name: string): string | null {
  const values = headers[name]
  return values?.length === 1 && values[0] !== '' ? values[0]! : null
}

/** When a delivery was signed, from its text in seconds; or why that cannot be, or is not now. */
export function timeOf(text: string, now: number): { sentAt: Date } | { reason: 'bad_timestamp' | 'too_old' } {
  if (!/^\d{1,12}$/.test(text)) return { reason: 'bad_timestamp' }
  const seconds = Number(text)
  if (Math.abs(Math.floor(now / 1000) - seconds) > tolerance) return { reason: 'too_old' }
  return { sentAt: new Date(seconds * 1000) }
}

/** Whether an event may be known by this: what a column, a log line and an operator can hold. */
export const isEventId = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text)

/** Whether a text is one of the wanted, in a time that does not tell how much of it is. */
export function isOneOf(given: readonly string[], wanted: readonly string[]): boolean {
  let found = false
  for (const one of wanted) {
    const bytes = Buffer.from(one)
    for (const text of given) {
      const other = Buffer.from(text)
      if (other.length === bytes.length && timingSafeEqual(other, bytes)) found = true
    }
  }
  return found
}
