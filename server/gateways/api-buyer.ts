import type { Address, Hash } from '../contract/entities.ts'
import type { BuyingWay, HttpMethod } from '../contract/purchases.ts'

/** A call of somebody's API, without anything secret in it. */
export interface ApiRequest {
  method: HttpMethod
  url: string
  headers: Readonly<Record<string, string>>
  body: string | null
}

/** What an API answered. */
export interface ApiAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
  truncated: boolean
}

/** What a seller wants for one call: `price` for the payee and `fee` for whoever pays in our name, in base units of the asset. */
export interface Offer {
  chainId: number
  asset: Address
  payee: Address
  price: bigint
  fee: bigint
  /** How long the seller gives itself to take the payment, in seconds. */
  seconds: number
  /** As the way that read it needs it to pay. */
  terms: unknown
}

/** What asking brought: an answer for nothing, or offers of which one is to be paid. */
export type Asked = { free: ApiAnswer } | { offers: Offer[] }

/** By what a payment is found again, whatever becomes of the call that makes it. */
export interface Order {
  chainId: number
  asset: Address
  /** Of the one authorization that is signed, which is void after `validBefore`. */
  nonce: Hash
  validBefore: Date
  /** The intermediary's id of it. */
  reference: string | null
  /** The transaction that whoever was paid speaks of. */
  claimed: Hash | null
}

/** What became of a call that pays. `unsent`: certainly nothing was paid. `unknown`: it may have been. */
export type Outcome =
  | { kind: 'answered'; answer: ApiAnswer; claimed: Hash | null; reference: string | null }
  | { kind: 'unsent'; reason: string; message: string }
  | { kind: 'unknown'; reference: string | null }

/** What is known of a payment. `paid`: that transaction is said to have made it. `unknown`: nobody can tell, now or later. */
export type Finding =
  | { kind: 'paid'; transaction: Hash }
  | { kind: 'unpaid'; reason: string; message: string }
  | { kind: 'pending' }
  | { kind: 'unknown' }

/** A way to pay other people's APIs. */
export interface ApiBuyer {
  readonly way: BuyingWay
  /** Whose transfer the chain shows; null where an intermediary pays from an account of its own. */
  readonly payer: Address | null
  /** Asks what a call costs. Pays nothing. @throws NotAsked */
  ask(request: ApiRequest): Promise<Asked>
  /** Makes the call and pays for it, once, and never more than the offer. */
  pay(request: ApiRequest, offer: Offer, order: Order): Promise<Outcome>
  /** Looks for what became of a payment. Pays nothing. @throws ChainUnavailable */
  find(order: Order): Promise<Finding>
}

/** Nobody could be asked what a call costs. The reason is one of a few words, safe to show. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked'
  readonly reason: string

  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** Bytes that are kept of an answer. */
export const MOST_OF_AN_ANSWER = 256 * 1024
