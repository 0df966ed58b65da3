import { createHmac, randomUUID } from 'node:crypto'
import type { Hash } from 'viem'
import type { Simulator } from './simulator.ts'

export interface CallbackToSend {
  idHash: Hash
  url: string
  /** `completed` by default, which is all that EscrowBridge ever says. */
  status?: string
  /** Signs it, which is an extension of ours: nobody in Chainsettle's world signs a callback. */
  secret?: string
  /** In place of a new one, to deliver the same twice. */
  eventId?: string
  /** Seconds; the time of the signature is moved by so many. */
  clockOffset?: number
}

/** Posts one callback, once. Answers with the status that came back; null where none did. */
export async function sendCallback({ journal }: Simulator, given: CallbackToSend): Promise<number | null> {
  const { idHash, url, status = 'completed', secret, eventId = randomUUID(), clockOffset = 0 } = given
  const body = JSON.stringify({ id_hash: idHash.slice(2), status, ...(secret !== undefined && { event_id: eventId }) })
  const time = Math.floor(Date.now() / 1000) + clockOffset
  const signature = createHmac('sha256', secret ?? '')
    .update(`${time}.${body}`)
    .digest('hex')
  const headers = {
    'content-type': 'application/json',
    ...(secret !== undefined && { 'chainsettle-signature': `t=${time},v1=${signature}` }),
  }
  const entry = { type: 'callback', url, body, signed: secret !== undefined } as const
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) })
    await answer.body?.cancel()
    journal.write({ ...entry, status: answer.status, error: null })
    return answer.status
  } catch (error) {
    journal.write({ ...entry, status: null, error: error instanceof Error ? error.message : String(error) })
    return null
  }
}
