import { ProviderServiceError, type ServiceEvent, verifyWebhook } from '../index.ts'
import type { RouteHandler } from './service-proxy.ts'

export interface WebhookRouteOptions {
  /** The endpoint's secret, `whsec_…`; two while you change it. */
  secrets: string | readonly string[]
  /**
   * Told of each event that is believed. The same event may come again, and events of one object out of order: keep `event.id` in the same
   * commit as what you do about it, and do nothing the second time. If it throws, the service is told to send the event again.
   */
  onEvent: (event: ServiceEvent) => unknown
  /** The clock, in milliseconds since 1970. */
  now?: () => number
}

/** Bytes of the largest body that is read before anything is known of its sender. */
const MAX_BODY = 1024 * 1024

/**
 * A route handler for the webhooks of the service. Answers 204 when `onEvent` is done, 400 to what the service did not sign, and 500 when
 * `onEvent` throws; then the event comes again, with growing pauses, for three days. Be quick in it, and leave what takes long to a queue.
 *
 * @example
 * // app/api/webhooks/provider/route.ts
 * import { webhookRoute } from '@provider-service/client/next'
 *
 * export const POST = webhookRoute({
 *   secrets: process.env.PROVIDER_WEBHOOK_SECRET!,
 *   async onEvent(event) {
 *     if (event.type === 'payment.settled') await shipOnce(event.id, event.data.paywallId)
 *   },
 * })
 */
export function webhookRoute({ secrets, onEvent, now }: WebhookRouteOptions): RouteHandler {
  return async (request) => {
    let event: ServiceEvent
    try {
      const body = await bodyOf(request)
      if (body === null) return answer(413, 'No webhook is that large.')
      event = await verifyWebhook(secrets, { headers: request.headers, body }, { ...(now && { now }) })
    } catch (error) {
      if (!(error instanceof ProviderServiceError)) throw error
      return answer(400, error.message)
    }
    try {
      await onEvent(event)
    } catch (error) {
      // for the log of your app: the service is told no more than that
      console.error(`The event ${event.id} (${event.type}) was not dealt with, and will come again:`, error)
      return answer(500, 'This event was not dealt with. Send it again.')
    }
    return new Response(null, { status: 204 })
  }
}

/** The body as it came; null if it is too large. */
async function bodyOf(request: Request): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (const reader = request.body?.getReader(); reader; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > MAX_BODY) {
      await reader.cancel()
      return null
    }
    chunks.push(value)
  }
  const body = new Uint8Array(size)
  let place = 0
  for (const chunk of chunks) {
    body.set(chunk, place)
    place += chunk.length
  }
  return body
}

const answer = (status: number, text: string) =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
