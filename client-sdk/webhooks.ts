import type { Json, ServiceEvent } from '../server/contract/events.ts'
import { ProviderServiceError } from './errors.ts'

/** A webhook as it came: its headers in the form of whichever server, and the body before anything parsed it. */
export interface ReceivedWebhook {
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  body: string | Uint8Array
}

/** Why a webhook is not believed. */
export type WebhookRefusal =
  | 'missing_headers'
  | 'bad_timestamp'
  | 'too_old'
  | 'too_new'
  | 'bad_signature'
  | 'not_an_event'

/** Seconds that a webhook may be away from the clock here, before or after. */
const TOLERANCE = 300

/**
 * Makes sure that the service signed this very body for you, a short while ago, and answers with the event. Give two secrets while you
 * change yours. Any event may come more than once and out of order: know it by `id`, order an object's by `sequence`.
 *
 * @throws ProviderServiceError WEBHOOK_REFUSED: answer 400, and do nothing else. TypeError for a secret that is none
 *
 * @example
 * const event = await verifyWebhook(secret, { headers: request.headers, body: await request.text() })
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  { headers, body }: ReceivedWebhook,
  { now = () => Date.now() }: { now?: () => number } = {},
): Promise<ServiceEvent> {
  const keys = await Promise.all((typeof secrets === 'string' ? [secrets] : secrets).map(keyOf))
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  )
  if (!id || !timestamp || !signatures) throw refused('missing_headers', 'A header of it is missing, or there twice.')
  if (!/^\d{1,12}$/.test(timestamp)) throw refused('bad_timestamp', 'Its time is not in whole seconds.')
  const age = Math.floor(now() / 1000) - Number(timestamp)
  if (age > TOLERANCE) throw refused('too_old', 'It was sent more than five minutes ago.')
  if (age < -TOLERANCE)
    throw refused('too_new', 'Its time is more than five minutes ahead: look at the clock of this machine.')

  const bytes = typeof body === 'string' ? encoded(body) : body
  const head = encoded(`${id}.${timestamp}.`)
  const signed = new Uint8Array(head.length + bytes.length)
  signed.set(head)
  signed.set(bytes, head.length)
  if (!(await isSigned(keys, signatures, signed)))
    throw refused('bad_signature', 'None of its signatures is by this secret over this very body.')
  return eventIn(new TextDecoder().decode(bytes), id)
}

async function isSigned(
  keys: readonly CryptoKey[],
  signatures: string,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const signature of signatures.split(' ')) {
    const base64 = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1]
    if (base64 === undefined) continue
    for (const key of keys) if (await crypto.subtle.verify('HMAC', key, decoded(base64), signed)) return true
  }
  return false
}

const keyOf = (secret: string): Promise<CryptoKey> => {
  const base64 = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret)?.[1]
  if (base64 === undefined || base64.length < 22)
    throw new TypeError('The secret of an endpoint is whsec_ and base64, as it was shown when the endpoint was made')
  return crypto.subtle.importKey('raw', decoded(base64), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

/** A header by its lower-case name. One that is there twice is nobody's. */
function headerOf(headers: ReceivedWebhook['headers'], name: string): string | null {
  if (headers instanceof Headers) return headers.get(name)
  const values = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []))
  return values.length === 1 ? (values[0] ?? null) : null
}

function eventIn(text: string, id: string): ServiceEvent {
  try {
    const { type, timestamp, data } = JSON.parse(text) as Body
    if (data.id === id)
      return {
        id,
        position: BigInt(data.position),
        appId: data.app,
        type,
        version: data.version,
        objectType: data.object.type,
        objectId: data.object.id,
        sequence: BigInt(data.sequence),
        createdAt: new Date(timestamp),
        data: data.data,
      } as ServiceEvent
  } catch {
    // told below
  }
  throw refused('not_an_event', 'It is signed, and does not hold the event that its id names.')
}

/** What the body of a webhook says. */
interface Body {
  type: ServiceEvent['type']
  timestamp: string
  data: {
    id: string
    app: string
    object: { type: ServiceEvent['objectType']; id: string }
    sequence: number
    position: number
    version: number
    data: { [name: string]: Json }
  }
}

const refused = (reason: WebhookRefusal, message: string) =>
  new ProviderServiceError(`This webhook is not believed. ${message}`, {
    code: 'WEBHOOK_REFUSED',
    retryable: false,
    details: { reason },
  })

const encoded = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const decoded = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
