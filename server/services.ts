import type { Kysely } from 'kysely'
import type { Database } from '../db/schema.ts'
import type { RateLimits } from './auth/rate-limits.ts'
import type { Tokens } from './auth/tokens.ts'
import type { BuyingWay } from './contract/purchases.ts'
import type { ReadFacts } from './domain/compliance/facts.ts'
import type { IntentRows } from './domain/compliance/intent-rows.ts'
import type { Standings } from './domain/compliance/standing.ts'
import type { LiveFeed } from './domain/events/live-feed.ts'
import type { Streams } from './domain/events/streams.ts'
import type { FindListed } from './domain/lists/find-listed.ts'
import type { KnownBalances } from './domain/payments/known-balances.ts'
import type { OfferRows } from './domain/payments/offer-rows.ts'
import type { WriteAcceptance } from './domain/payments/write-acceptances.ts'
import type { UseChallenge } from './domain/sessions/use-challenges.ts'
import type { WriteSession } from './domain/sessions/write-sessions.ts'
import type { Moves } from './domain/transactions/moves.ts'
import type { WriteWebhook } from './domain/webhooks/write-webhooks.ts'
import type { Seller } from './domain/x402/seller.ts'
import type { ApiBuyer } from './gateways/api-buyer.ts'
import type { AttestationProvider } from './gateways/attestations.ts'
import type { Chains } from './gateways/chain/chains.ts'
import type { Chainsettle } from './gateways/chainsettle/create-chainsettle.ts'
import type { WebhookReading } from './gateways/crossmint/read-webhook.ts'
import type { LocalSigner } from './gateways/local-signer/create-local-signer.ts'
import type { Outbound } from './gateways/outbound/create-outbound.ts'
import type { WalletProvider } from './gateways/wallet-provider.ts'
import type { Log } from './telemetry/log.ts'
import type { Metrics } from './telemetry/metrics.ts'

/** The time, so that tests can move it. */
export interface Clock {
  now(): Date
}

/** How patient the service is with what it does not control. Durations are in milliseconds. */
export interface Patience {
  /** From being handed to the provider until an unknown outcome needs a person's attention. */
  deadline: number
  /** How long a payer may take to ask for the calls that they sign themselves, and again to sign them. */
  signing: number
  /** How long a provider's "it did not land" is checked against the chain before it is believed. */
  disbelief: number
  /** Between two looks at a transaction in flight: the first wait, which doubles up to the second. */
  look: { first: number; longest: number }
  /** How long a claim on a row holds before another worker may take it over. */
  lease: number
  /** Between two looks at whether the caller of an open stream still may. */
  streamCheck: number
  /** How long a client may leave unread what a stream holds for it, until it is closed. */
  streamStall: number
  /** How long whoever asked for a purchase is believed to be at work on it, and nobody else looks for what became of it. */
  purchase: number
  webhooks: {
    /** How long an endpoint has to answer. */
    timeout: number
    /** Between two tries of a delivery: it has failed when the last of them is over and one more try. */
    waits: readonly number[]
  }
}

/** Tells the workers of this process that a row has become due, so that it does not wait for the clock. */
export interface Nudge {
  transaction(id: string): void
  inbox(eventId: string): void
  report(id: string): void
  /** Events of these apps have got their places. */
  feed(appIds: readonly string[]): void
  delivery(endpointId: string): void
}

/** What every verb of the domain works with. Built once, in `build-services.ts`; there are no globals. */
export interface Services {
  db: Kysely<Database>
  clock: Clock
  log: Log
  metrics: Metrics
  chains: Chains
  provider: WalletProvider
  /** Signs for the treasury's wallets on chains that are configured so; null where none is. */
  localSigner: LocalSigner | null
  balances: KnownBalances
  offerRows: OfferRows
  writeAcceptance: WriteAcceptance
  writeWebhook: WriteWebhook
  intentRows: IntentRows
  findListed: FindListed
  readFacts: ReadFacts
  /** Who is asked what is known of the owners of addresses, and what they have answered lately. */
  attestations: {
    providers: readonly AttestationProvider[]
    standings: Standings
    /** One of the providers; null where it is not configured. */
    chainsettle: Chainsettle | null
    /** Milliseconds that an answer is waited for. */
    deadline: number
  }
  useChallenge: UseChallenge
  writeSession: WriteSession
  /** Milliseconds after which a session ends, however much it is used. */
  sessionLifetime: number
  tokens: Tokens
  rateLimits: RateLimits
  /** Reads the body of a provider's webhook. */
  readWebhook: (body: Buffer) => WebhookReading
  liveFeed: LiveFeed
  /** The streams of events that are open in this process. */
  streams: Streams
  /** Sends requests to URLs that others chose. */
  outbound: Outbound
  /** Null: nothing is sold over HTTP 402. */
  seller: Seller | null
  moves: Moves
  /** The ways to pay other people's APIs that are configured. */
  buyers: Partial<Record<BuyingWay, ApiBuyer>>
  nudge: Nudge
  patience: Patience
}
