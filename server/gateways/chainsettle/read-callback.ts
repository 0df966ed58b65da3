import type { Hash } from 'viem'
import { z } from 'zod'

const callback = z.object({
  id_hash: z
    .string()
    .regex(/^(0x)?[0-9a-f]{64}$/i)
    .transform((value): Hash => `0x${value.replace(/^0x/i, '').toLowerCase()}`),
  event_id: z.string().min(1).max(200).nullish(),
})

/** A hint that something happened to a settlement. `eventId` stays the same when it is delivered again; null where it has none. */
export interface Callback {
  idHash: Hash
  eventId: string | null
}

/**
 * Reads the body of a callback; null where it is none. Chainsettle itself sends none. EscrowBridge, which is built on it, posts
 * `{id_hash, status}` without a signature: anybody can. So whatever a callback says, it is a reason to read the settlement again and
 * nothing else.
 */
export function readCallback(body: Buffer): Callback | null {
  let json: unknown
  try {
    json = JSON.parse(body.toString())
  } catch {
    return null
  }
  const parsed = callback.safeParse(json)
  return parsed.success ? { idHash: parsed.data.id_hash, eventId: parsed.data.event_id ?? null } : null
}
