import { type Request, type RequestHandler, type Response, raw } from 'express'
import type { NamedRequest } from '../context.ts'
import { receiveWebhook } from '../domain/webhooks/receive-webhook.ts'
import { verifyWebhook } from '../gateways/crossmint/verify-webhook.ts'
import type { Services } from '../services.ts'

/** Real ones are about 1 kB. */
const LIMIT = 256 * 1024

/**
 * `POST /webhooks/crossmint`: checks the Svix signature over the raw bytes, stores the webhook, and only then answers. What it
 * means is worked out later, once for each `svix-id` however often it is delivered.
 *
 * 200 stored or known already · 400 unsigned or malformed headers · 401 wrong signature, or older than 300 s · 413 over 256 kB ·
 * 503 not stored: Svix delivers it again.
 */
export function crossmintWebhook(services: Services, keys: readonly Buffer[]): RequestHandler[] {
  const statusOf = { missing_headers: 400, bad_timestamp: 400, too_old: 401, bad_signature: 401 } as const
  const because = {
    missing_headers: 'The headers svix-id, svix-timestamp and svix-signature are needed, once each.',
    bad_timestamp: 'svix-timestamp is not a time in seconds.',
    too_old: 'svix-timestamp is more than 300 seconds from now.',
    bad_signature: 'No signature in svix-signature is ours. Check the endpoint secret on both sides.',
  } as const

  const receive = async (request: Request, response: Response): Promise<void> => {
    const { requestId } = request as unknown as NamedRequest
    const count = (outcome: string) => services.metrics.webhooks.inc({ provider: 'crossmint', outcome })
    const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const verdict = verifyWebhook(keys, { headers: request.headers, body }, services.clock.now().getTime())
    if (!verdict.ok) {
      count(verdict.reason)
      services.log.warn({ requestId, reason: verdict.reason, bytes: body.length }, 'webhook refused')
      response.status(statusOf[verdict.reason]).json({ error: verdict.reason, message: because[verdict.reason] })
      return
    }
    const { stored } = await receiveWebhook(services, { provider: 'crossmint', eventId: verdict.id, body })
    count(stored ? 'stored' : 'repeated')
    services.log.debug({ requestId, eventId: verdict.id, stored }, 'webhook')
    response.status(200).json({ stored })
  }
  return [raw({ type: () => true, limit: LIMIT }), receive]
}
