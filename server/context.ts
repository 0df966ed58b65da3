import type { IncomingMessage } from 'node:http'
import type { TrackedEnvelope } from '@trpc/server'
import type { SessionCookie } from './auth/session-cookie.ts'
import type { ServiceEvent } from './contract/events.ts'
import type { Principal } from './domain/principal.ts'
import type { Told } from './http/send-stream.ts'
import type { Services } from './services.ts'

/** What a procedure knows of the request it answers. A batch shares one. */
export interface Context {
  services: Services
  requestId: string
  /** Who is calling; null for nobody we know. Looked up when first asked for. */
  principal: () => Promise<Principal | null>
  /** The same, looked up anew: for streams, which outlast sessions. */
  principalNow: () => Promise<Principal | null>
  /** The page that calls, as its browser says; null outside of browsers. */
  origin: string | null
  /** Where the call comes from, for counting those who are nobody: an address, or a network of them. */
  network: string
  cookie: SessionCookie
  /** Asks the caller to wait so many seconds before the next call. */
  retryAfter(seconds: number): void
  /** The caller has gone, or has been connected for long enough. */
  left: AbortSignal
  /** Has these events told to the caller. The answer is for the types: they go past tRPC. */
  tell(told: Told): AsyncIterable<TrackedEnvelope<ServiceEvent>, void>
}

/** A request that was given an id by the first middleware. */
export type NamedRequest = IncomingMessage & { requestId: string }
