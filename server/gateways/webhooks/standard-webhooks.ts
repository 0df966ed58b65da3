import { createHmac } from 'node:crypto'
import { isEventId, isOneOf, only, timeOf, type Verify } from './verify.ts'

/** The two names of one scheme: Svix had its own before it became the standard. */
export type HeaderPrefix = 'webhook' | 'svix'

/** @throws Error without the secret in it, when it is not `whsec_` and base64 of at least 16 bytes */
export function readWebhookSecret(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  const key = Buffer.from(encoded ?? '', 'base64')
  if (key.length < 16) throw new Error('A webhook secret is whsec_ and at least 16 bytes in base64')
  return key
}

/** The signature of a message by one key, as the header has it. `seconds` since 1970. */
export const signatureOf = (key: Buffer, id: string, seconds: string, body: Buffer | string): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`

/**
 * Checks the signature of Standard Webhooks: `<prefix>-id`, `<prefix>-timestamp` and `<prefix>-signature`, of HMAC-SHA256 over the id,
 * the time and the body. `keys`: several while a secret is being changed. One good signature among several is enough.
 */
export function standardWebhooks(keys: readonly Buffer[], prefix: HeaderPrefix): Verify {
  return (delivery, now) => {
    const id = only(delivery, `${prefix}-id`)
    const seconds = only(delivery, `${prefix}-timestamp`)
    const signatures = only(delivery, `${prefix}-signature`)
    if (!id || !seconds || !signatures) return { ok: false, reason: 'missing_headers' }
    if (!isEventId(id)) return { ok: false, reason: 'bad_id' }
    const time = timeOf(seconds, now)
    if ('reason' in time) return { ok: false, reason: time.reason }
    const wanted = keys.map((key) => signatureOf(key, id, seconds, delivery.body))
    return isOneOf(signatures.split(' '), wanted)
      ? { ok: true, id, sentAt: time.sentAt }
      : { ok: false, reason: 'bad_signature' }
  }
}
