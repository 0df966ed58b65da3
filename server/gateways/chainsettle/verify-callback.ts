import { createHmac, timingSafeEqual } from 'node:crypto'

export type CallbackVerdict =
  | { ok: true; sentAt: Date }
  | { ok: false; reason: 'not_signed' | 'bad_timestamp' | 'too_old' | 'bad_signature' }

/** Seconds that a callback may be away from our clock, before or after. */
export const callbackTolerance = 300

/** The header that carries the signature. */
export const signatureHeader = 'chainsettle-signature'

/**
 * Checks the signature of a callback. An extension of ours: Chainsettle signs nothing. A relay of the operator's own that watches the
 * registries may send callbacks so signed: `t=<seconds>,v1=<hex>`, of HMAC-SHA256 over the time, a full stop and the body, as Stripe
 * and Persona do. With it a flood of strangers' callbacks costs no reads; what a callback says counts as little as without.
 */
export function verifyCallback(
  body: Buffer,
  signature: string | undefined,
  secret: Buffer,
  now = new Date(),
): CallbackVerdict {
  if (!signature) return { ok: false, reason: 'not_signed' }
  const parts = signature.split(',').map((part) => part.trim().split('=', 2) as [string, string?])
  const time = parts.find(([name]) => name === 't')?.[1] ?? ''
  if (!/^\d{1,12}$/.test(time)) return { ok: false, reason: 'bad_timestamp' }
  if (Math.abs(now.getTime() / 1000 - Number(time)) > callbackTolerance) return { ok: false, reason: 'too_old' }

  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  const matches = parts.some(([name, hex = '']) => {
    const given = Buffer.from(hex, 'hex')
    return name === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
  return matches ? { ok: true, sentAt: new Date(Number(time) * 1000) } : { ok: false, reason: 'bad_signature' }
}
