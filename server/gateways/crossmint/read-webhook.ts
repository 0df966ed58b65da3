import type { Hash } from 'viem'
import type { Chains } from './chains.ts'
import { hintOf, webhook } from './webhook-schema.ts'

/** What a webhook's body says to us. */
export type WebhookReading =
  | { kind: 'transfer'; reference: string | null; transactionHash: Hash | null }
  /** Signed and well-formed, of a type that nothing here waits for. */
  | { kind: 'irrelevant'; type: string }
  | { kind: 'unreadable'; because: string }

/** Reads a webhook's body, whose signature was checked before. */
export function readWebhook(body: Buffer, chains: Chains): WebhookReading {
  let json: unknown
  try {
    json = JSON.parse(body.toString())
  } catch {
    return { kind: 'unreadable', because: 'its body is not JSON' }
  }
  const parsed = webhook.safeParse(json)
  if (!parsed.success) return { kind: 'unreadable', because: 'its body is not a webhook' }
  const hint = hintOf(parsed.data, chains)
  if (!hint) return { kind: 'irrelevant', type: parsed.data.type.slice(0, 100) }
  return { kind: 'transfer', reference: hint.transferId, transactionHash: hint.transactionHash }
}
