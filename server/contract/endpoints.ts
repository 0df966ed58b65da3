import type { EventType } from './events.ts'

export type EndpointState = 'enabled' | 'disabled' | 'deleted'

/** Where an app, or the platform, is told of events by signed webhooks. */
export type Endpoint = {
  id: string
  /** Null: the platform's, which is told of the events of every app. */
  appId: string | null
  url: string
  /** What it is told of: types of events such as `payment.settled`, `payment.*`, `*.attention` or `*`. */
  types: string[]
  description: string
  state: EndpointState
  /** `failing`: nothing reached it for three days. `gone`: it answered 410. What waits goes on once it is enabled. */
  disabledBecause: 'asked' | 'failing' | 'gone' | null
  disabledAt: Date | null
  /** When it first failed after it last did not; null while it does not fail. */
  failingSince: Date | null
  createdAt: Date
}

/** An endpoint with its new secret, which is not shown again: null in a replayed answer. */
export type EndpointWithSecret = Endpoint & { secret: string | null; replayed: boolean }

export type DeliveryState = 'waiting' | 'delivered' | 'failed'

/** One event on its way to one endpoint. */
export type Delivery = {
  id: string
  endpointId: string
  /** Whose the event is. */
  appId: string
  /** The id of the event: the header `webhook-id`. */
  eventId: string
  type: EventType
  state: DeliveryState
  /** Tries so far. */
  attempts: number
  nextAttemptAt: Date | null
  /** Of the last try: the HTTP status that came, and why it failed. */
  status: number | null
  failure: string | null
  createdAt: Date
  endedAt: Date | null
}

/** One try of a delivery. */
export type DeliveryAttempt = {
  number: number
  url: string
  startedAt: Date
  milliseconds: number
  status: number | null
  failure: string | null
  /** The beginning of what was answered. */
  response: string | null
}

/** A delivery with what is sent and every try. */
export type DeliveryLog = Delivery & { body: string; log: DeliveryAttempt[] }
