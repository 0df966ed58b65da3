import { createHash, createHmac } from 'node:crypto'
import { type Delivery, isEventId, isOneOf, only, timeOf, type Verify } from './verify.ts'

export interface HmacOptions {
  /** Several while a secret is being changed. */
  keys: readonly Buffer[]
  /** The header that carries the signature, in lower case. */
  header: string
  /** The field of the body by which an event is known; null where it has none. */
  idField: string | null
}

/**
 * Checks a signature such as Stripe and Persona make: `t=<seconds>,v1=<hex>` in one header, of HMAC-SHA256 over the time, a full stop
 * and the body; any of several `v1` is enough.
 *
 * That form names no event. It is known by a field of its body, or else by what was signed: the same body signed at another second is
 * another event then.
 */
export function hmac({ keys, header, idField }: HmacOptions): Verify {
  return (delivery, now) => {
    const signed = readSignature(delivery, header)
    if (!signed) return { ok: false, reason: 'missing_headers' }
    const time = timeOf(signed.seconds, now)
    if ('reason' in time) return { ok: false, reason: time.reason }
    const text = [`${signed.seconds}.`, delivery.body] as const
    const wanted = keys.map((key) => createHmac('sha256', key).update(text[0]).update(text[1]).digest('hex'))
    if (!isOneOf(signed.signatures, wanted)) return { ok: false, reason: 'bad_signature' }
    const id = idField === null ? null : readId(delivery.body, idField)
    const hash = () => `sha256:${createHash('sha256').update(text[0]).update(text[1]).digest('hex')}`
    return { ok: true, id: id ?? hash(), sentAt: time.sentAt }
  }
}

function readSignature(delivery: Delivery, header: string): { seconds: string; signatures: string[] } | null {
  const parts = only(delivery, header)
    ?.split(',')
    .map((part) => part.trim().split('=', 2) as [string, string?])
  if (!parts) return null
  const values = (name: string) => parts.flatMap(([its, value = '']) => (its === name ? [value] : []))
  // a time given twice is no time
  const times = values('t')
  return {
    seconds: times.length === 1 ? times[0]! : '',
    signatures: values('v1').map((signature) => signature.toLowerCase()),
  }
}

function readId(body: Buffer, field: string): string | null {
  try {
    const value = (JSON.parse(body.toString()) as Record<string, unknown> | null)?.[field]
    // a larger number is read as another: two events would be one
    const id = Number.isSafeInteger(value) ? String(value) : value
    return typeof id === 'string' && isEventId(id) ? id : null
  } catch {
    return null
  }
}
