import { type Request, type RequestHandler, type Response, raw } from 'express'
import { networkOf } from '../auth/rate-limits.ts'
import type { NamedRequest } from '../context.ts'
import { receiveWebhook } from '../domain/webhooks/receive-webhook.ts'
import type { Refusal } from '../gateways/webhooks/verify.ts'
import type { InboundSource } from '../inbound-sources.ts'
import type { Services } from '../services.ts'

/**
 * `POST /webhooks/<source>`: checks the signature over the raw bytes, stores the webhook, and only then answers. What it means is worked
 * out later, once for each event however often it is delivered.
 *
 * 200 stored or known already · 400 unsigned or malformed · 401 wrong signature, or more than 300 s away · 413 too large · 429 unsigned,
 * and too often · 503 not stored: send it again
 */
export function inboundWebhook(services: Services, source: InboundSource): RequestHandler[] {
  const { name, verify, limit, isOpen } = source
  const count = (outcome: string) => services.metrics.webhooks.inc({ provider: name, outcome })

  const receive = async (request: Request, response: Response): Promise<void> => {
    const { requestId } = request as unknown as NamedRequest
    const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    if (isOpen) await services.rateLimits.consume('write', `ip:${networkOf(request.ip ?? '')}`)
    const verdict = verify({ headers: request.headersDistinct, body }, services.clock.now().getTime())
    if (!verdict.ok) {
      const { reason } = verdict
      count(reason)
      services.log.warn({ requestId, source: name, reason, bytes: body.length }, 'webhook refused')
      response.status(statusOf[reason]).json({ error: reason, message: because[reason](source) })
      return
    }
    const came = await receiveWebhook(services, { provider: name, eventId: verdict.id, body })
    count(came)
    const said = { requestId, source: name, eventId: verdict.id, came }
    if (came === 'conflicting') services.log.warn(said, 'webhook with the id of another one; the first is kept')
    else services.log.debug(said, 'webhook')
    response.status(200).json({ stored: came === 'stored' })
  }
  return [raw({ type: () => true, limit }), receive]
}

/** `POST /webhooks/<anything else>`. */
export const unknownSource: RequestHandler = (_request, response) => {
  response.status(404).json({
    error: 'UNKNOWN_SOURCE',
    message: 'Nobody of this name sends webhooks here. Check the URL; sources are named in WEBHOOK_SOURCES.',
  })
}

const statusOf: Record<Refusal, 400 | 401> = {
  missing_headers: 400,
  bad_id: 400,
  bad_timestamp: 400,
  unreadable: 400,
  too_old: 401,
  bad_signature: 401,
}

const because: Record<Refusal, (source: InboundSource) => string> = {
  missing_headers: ({ headers }) => `Needed, once each: ${headers}.`,
  bad_id: () => 'The id of the event is not 1 to 255 printable characters without a space.',
  bad_timestamp: () => 'The time of the signature is not a time in seconds.',
  too_old: () =>
    'The time of the signature is more than 300 seconds from now. Sign each try anew, and check both clocks.',
  bad_signature: () =>
    'No signature is ours. Check the secret on both sides, and that the body is sent as it was signed.',
  unreadable: () => 'The body is no callback: {"id_hash":"…"} with 64 hex digits.',
}
