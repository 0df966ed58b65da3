import canonicalize from 'canonicalize'
import type { ServiceEvent } from '../../contract/events.ts'

/**
 * The body of the webhook that tells an event: canonical JSON (RFC 8785), with the form that Standard Webhooks advises. An event never
 * changes, so that every try and every resend has these very bytes. `sequence` and `position` are numbers, to be compared as such.
 */
export const webhookOf = (event: ServiceEvent): string =>
  canonicalize({
    type: event.type,
    timestamp: event.createdAt.toISOString(),
    data: {
      id: event.id,
      app: event.appId,
      object: { type: event.objectType, id: event.objectId },
      sequence: Number(event.sequence),
      position: Number(event.position),
      version: event.version,
      data: event.data,
    },
  })!
