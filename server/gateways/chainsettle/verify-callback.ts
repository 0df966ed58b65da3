import { randomUUID } from 'node:crypto'
import { hmac } from '../webhooks/hmac.ts'
import type { Verify } from '../webhooks/verify.ts'
import { readCallback } from './read-callback.ts'

/** The header that carries the signature. */
export const signatureHeader = 'chainsettle-signature'

/**
 * Checks a callback: that it is one, and who signed it. The signature is an extension of ours, for Chainsettle signs nothing: a relay of
 * the operator's own that watches the registries may send callbacks so signed. With it a flood of strangers' callbacks costs nothing;
 * what a callback says counts as little as without.
 *
 * Without keys anybody's is taken, each as an event of its own: what a stranger calls it must not stand in the way of another.
 */
export function verifyCallback(keys: readonly Buffer[]): Verify {
  const signed = hmac({ keys, header: signatureHeader, idField: 'event_id' })
  const open: Verify = (_delivery, now) => ({ ok: true, id: randomUUID(), sentAt: new Date(now) })
  const verify = keys.length > 0 ? signed : open
  return (delivery, now) => {
    const verdict = verify(delivery, now)
    return verdict.ok && !readCallback(delivery.body) ? { ok: false, reason: 'unreadable' } : verdict
  }
}
