import type { EercOperation, TokenStandard } from './eerc.ts'
import type { Address, Approval, ChainName, Check, ListKind, Payment, PaymentState } from './entities.ts'
import type { BuyingWay, HttpMethod, PurchaseProblem, PurchaseState } from './purchases.ts'
import type { HeldObject, ReportKind } from './reports.ts'

/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** As JSON has it: amounts and block numbers in decimal, times in ISO 8601. */
export type InJson<T> = T extends bigint | Date ? string : T extends object ? { [Name in keyof T]: InJson<T[Name]> } : T

/** Something that happened to one kind of object, and what is said of it. */
type Told<Type extends string, Data, Object = Type extends `${infer Kind}.${string}` ? Kind : never> = {
  /** The same however often the event is told. */
  id: string
  /** Its place in the feed of the app: 1, 2, 3 … */
  position: bigint
  appId: string
  type: Type
  /** Of the shape of `data`: a later one may have more. */
  version: number
  objectType: Object
  objectId: string
  /** Its number among those of its object: 1, 2, 3 … */
  sequence: bigint
  createdAt: Date
  data: Data
}

/**
 * A fact about one object of the app, as it was when it happened. It never changes, and is told as it was written. Of payments and
 * operations `data` is the whole object as the API showed it at that moment; of others, what was changed. Other objects are named in it
 * by their ids.
 */
export type ServiceEvent =
  | Told<`app.${'created' | 'updated'}`, { name: string; origins: string[] }>
  | Told<'api_key.created', { name: string; prefix: string; scopes: string[] | null; expiresAt: string | null }>
  /** It ends soon, and another has taken its place. */
  | Told<'api_key.rotated', { prefix: string; replacement: string; expiresAt: string }>
  | Told<'api_key.revoked', { prefix: string }>
  | Told<'user.created', { address: Address; roles: string[] }>
  | Told<'user.roles_changed', { approval: string; change: 'granted' | 'revoked'; role: string; roles: string[] }>
  | Told<'session.created', { address: Address; expiresAt: string; user: string }>
  | Told<'session.revoked', { user: string }>
  | Told<'approval.requested', { action: Approval['action']; expiresAt: string; reason: string }>
  | Told<
      `approval.${'approved' | 'rejected'}`,
      { action: Approval['action']; note: string | null; requestedBy: string }
    >
  | Told<'approval.expired', { action: Approval['action']; requestedBy: string }>
  | Told<'asset.registered', { chain: ChainName; address: Address; symbol: string; decimals: number }>
  | Told<
      'wallet.created',
      {
        address: Address
        kind: 'custodial' | 'external' | 'treasury'
        owner: string
        provider: string
        user: string | null
        /** Of an external one: the number of the chain on which it was proven. */
        chain?: string | undefined
      }
    >
  /** A custodial wallet of the app became a user's. */
  | Told<'wallet.linked', { address: Address; user: string }>
  | Told<
      `paywall.${'created' | 'updated' | 'archived'}`,
      {
        accessSeconds: number | null
        asset: string
        expiresAt: string | null
        merchant: string | null
        price: string
        recipient: Address
        state: 'open' | 'archived'
        title: string
      }
    >
  | Told<'list.created', { kind: ListKind; listVersion: string; name: string }>
  /** New contents wait for their publication. */
  | Told<'list.import_staged', ImportFacts & { duplicates: number; entries: number; skipped: number; import: string }>
  | Told<`list.import_${'discarded' | 'expired'}`, { approval?: string | undefined; import: string; name: string }>
  /** Everything on it was replaced. */
  | Told<
      'list.published',
      ImportFacts & { approval: string; entries: number | null; import: string; kind: ListKind; listVersion: string }
    >
  | Told<
      'list_entry.added',
      {
        approval?: string | undefined
        kind: ListKind
        list: string
        listVersion: string
        reason: string
        source: string
        subject: string
        validFrom: string | null
        validUntil: string | null
      }
    >
  | Told<
      'list_entry.removed',
      {
        list: string
        listVersion: string
        subject: string
        /** Why: one of these. */
        reason?: string | undefined
        approval?: string | undefined
        replacedBy?: string | undefined
      }
    >
  | Told<
      'decision.refused',
      {
        action: string
        checks: Check[]
        listVersion: string
        policyVersion: number
        /** The rest is what was decided on: the parties, asset and amount always, `paywall`, `token`, `user` and such where there is one. */
        payer: Address
        recipient: Address
        asset: string
        amount: string
        wallet: string
        [about: string]: Json
      }
    >
  | Told<'policy.drafted', { rules: { rule: string; [setting: string]: Json }[]; version: number }>
  | Told<`policy.${'published' | 'retired'}`, { approval: string; rulesVersion: string; version: number }>
  | Told<'buying_policy.drafted', { terms: Json; version: number }>
  /** Without an approval where it made the terms stricter. */
  | Told<`buying_policy.${'published' | 'retired'}`, { approval: string | null; version: number }>
  | Told<
      `purchase.${PurchaseState}`,
      {
        asset: string | null
        fee: string | null
        method: HttpMethod
        payee: Address | null
        price: string | null
        problem: PurchaseProblem | null
        spent: string
        transactionHash: string | null
        /** Without what stands behind a "?". */
        url: string
        way: BuyingWay
      }
    >
  | Told<'review.opened', ReviewFacts & { expiresAt: string }>
  | Told<'review.assigned', { assignedTo: string | null; note: string | null; payment: string }>
  | Told<`review.${'approved' | 'denied' | 'expired'}`, ReviewFacts & { note: string | null }>
  | Told<'review.obsolete', ReviewFacts & { because: 'cancelled' | 'refused' }>
  | Told<'report.requested', { from: string; kinds: ReportKind[]; schedule: string | null; to: string }>
  /** `files` has the SHA-256 of each, by name; `signature` is of its manifest. */
  | Told<'report.finished', { files: Record<string, string>; key: string; signature: string }>
  | Told<'report.failed', { failure: string }>
  /** Its files are deleted, being from before then. */
  | Told<'report.expired', { before: string }>
  | Told<'hold.placed', { objectId: string; objectType: HeldObject; reason: string }>
  | Told<'hold.released', { approval: string; objectId: string; objectType: HeldObject }>
  /** `url` is without what stands behind a "?". */
  | Told<`endpoint.${'created' | 'updated'}`, { url: string; types: string[]; description: string }>
  | Told<`endpoint.${'enabled' | 'deleted'}`, { url: string }>
  /** It is told of nothing until it is enabled: somebody asked for that, it failed for three days, or it answered 410. */
  | Told<'endpoint.disabled', { because: 'asked' | 'failing' | 'gone'; failingSince: string | null; url: string }>
  | Told<'endpoint.secret_rotated', { number: number; previousUntil: string }>
  /** It was asked for to see whether webhooks come: it goes to this endpoint alone, whatever that one is told of. */
  | Told<'endpoint.pinged', { request: string }>
  /** What was sent to it before goes to it again. */
  | Told<
      'endpoint.resent',
      {
        request: string
        resent: number
        delivery: string | null
        object: string | null
        from: string | null
        to: string | null
        state: 'delivered' | 'failed' | null
      }
    >
  /** An operator of the platform has a webhook that came in looked into again. */
  | Told<
      'inbox_webhook.retried',
      { source: string; event: string; state: 'dead' | 'rejected'; attempts: number; lastError: string | null }
    >
  | Told<
      'token.registered',
      {
        address: Address
        agent: string | null
        asset: string
        capabilities: Record<string, boolean>
        chain: ChainName
        kind: 'permissioned' | 'encrypted'
        roles: Record<string, 'held' | 'lacking' | 'unknown'>
        standard: TokenStandard | null
      }
    >
  /**
   * `transaction.submitted`: the wallet provider took its transaction, or its payer told of one. `transaction.dismissed`: the one that its payer
   * told of does not pay it.
   */
  | Told<`payment.${PaymentState}` | `transaction.${'submitted' | 'dismissed'}`, InJson<Payment>, 'payment'>
  | Told<`operation.${PaymentState}` | 'transaction.submitted', InJson<EercOperation>, 'operation'>

type ReviewFacts = { decision: string; payment: string; requestedBy: string }

/** What an import changes; `hash` is of its entries, in hex. */
type ImportFacts = {
  added: number
  removed: number
  changed: number
  unchanged: number
  hash: string
  name: string
  source: string
}

/** What can happen, and the actions of the audit trail. */
export type EventType = ServiceEvent['type']

/** The kinds of object that have a trail. */
export type ObjectType = ServiceEvent['objectType']

/** A part of the feed. Ask again with `nextCursor`, at any time, to go on where this ended. */
export type EventPage = {
  /** None is no sign of the end. */
  items: ServiceEvent[]
  /** A position, in decimal. */
  nextCursor: string
  /** Whether there is more behind it already. */
  hasMore: boolean
}
