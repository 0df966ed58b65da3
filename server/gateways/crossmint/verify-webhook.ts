import { createHmac, timingSafeEqual } from 'node:crypto'

/** Headers as Node gives them: lower-case names. */
export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>

/** `id` stays the same over all deliveries of one message. */
export type WebhookVerdict =
  | { ok: true; id: string; sentAt: Date }
  | { ok: false; reason: 'missing_headers' | 'bad_timestamp' | 'too_old' | 'bad_signature' }

/** Seconds that a delivery may be away from our clock, before or after. */
export const webhookTolerance = 300

/** @throws Error without the secret in it, when it is not `whsec_` and base64 of at least 16 bytes. */
export function readWebhookSecret(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  const key = Buffer.from(encoded ?? '', 'base64')
  if (key.length < 16) throw new Error('A webhook secret is whsec_ and at least 16 bytes in base64')
  return key
}

/**
 * Checks that Svix signed this very body for us, a short while ago. `body` are the bytes as they came, before any parsing.
 * `keys`: two while a secret is being changed. `now` in milliseconds.
 */
export function verifyWebhook(
  keys: readonly Buffer[],
  { body, headers }: { headers: WebhookHeaders; body: Buffer },
  now: number = Date.now(),
): WebhookVerdict {
  const id = only(headers['svix-id'])
  const timestamp = only(headers['svix-timestamp'])
  const signatures = only(headers['svix-signature'])
  if (!id || !timestamp || !signatures) return { ok: false, reason: 'missing_headers' }
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'bad_timestamp' }

  const sentAt = new Date(Number(timestamp) * 1000)
  const age = Math.floor(now / 1000) - Number(timestamp)
  if (Math.abs(age) > webhookTolerance) return { ok: false, reason: 'too_old' }

  const given = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'))
  const signed = keys.some((key) => {
    const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
    return given.some((signature) => signature.length === wanted.length && timingSafeEqual(signature, wanted))
  })
  return signed ? { ok: true, id, sentAt } : { ok: false, reason: 'bad_signature' }
}

/** A header that is given twice is nobody's. */
function only(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
