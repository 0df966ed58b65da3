import type { Address, ChainName, Hash } from './entities.ts'
import type { Policy } from './policies.ts'

/** By a signature of our buying wallet, or from our credits at HTTPayer. */
export type BuyingWay = 'direct' | 'httpayer'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What may be bought, and for how much. Amounts are base units of the asset, and count whatever is paid for the payment itself. */
export type BuyingTerms = {
  /** Whose APIs may be bought: a host, and the accounts that may be paid there. */
  sellers: { host: string; payees: Address[] }[]
  /** What may be paid with, and so on which chains; with the most for one call, and within the window. */
  assets: { assetId: string; perCall: bigint; perApp: bigint; perPrincipal: bigint }[]
  ways: BuyingWay[]
  /** Over so many seconds back from now, to a twelfth of it. */
  windowSeconds: number
}

/**
 * One version of an app's terms. Without one in force nothing is bought. Stricter ones are `published` at once; laxer ones are a `draft`
 * until somebody else has approved them.
 */
export type BuyingPolicy = BuyingTerms &
  Omit<Policy, 'rules'> & {
    /** What has to be approved, or was. */
    approvalId: string | null
  }

/** Terms that are to be in force. */
export type BuyingPublication = {
  type: 'purchases.policy'
  policyId: string
}

/** Why something is not bought, and what would change that. */
export type BuyingCheck = {
  rule: 'policy' | 'way' | 'host' | 'offer' | 'asset' | 'payee' | 'call' | 'app' | 'principal' | 'maximum'
  message: string
  remedy: string
}

/** What a call would cost now. Nothing was paid. */
export type PurchaseQuote = {
  way: BuyingWay
  /** Null: it asks for nothing, or did not say what. */
  offer: {
    assetId: string | null
    chain: ChainName
    payee: Address
    /** As in a purchase. */
    price: bigint
    fee: bigint
  } | null
  /** What stands against it. */
  checks: BuyingCheck[]
  /** Why the seller could not be asked. */
  problem: PurchaseProblem | null
  /** Whether `create` would make the call now. */
  allowed: boolean
}

export type PurchaseState = 'requested' | 'paying' | 'completed' | 'failed' | 'refused' | 'attention'

/** A stable word and a sentence. */
export type PurchaseProblem = { reason: string; message: string }

/** One call of a paid API, bought. */
export type Purchase = {
  id: string
  state: PurchaseState
  way: BuyingWay
  method: HttpMethod
  /** Without what stands behind a "?". */
  url: string
  assetId: string | null
  payee: Address | null
  /** What the seller asks, and what the payment itself costs, in base units. */
  price: bigint | null
  fee: bigint | null
  /** What was paid, or may have been. */
  spent: bigint
  /** The transaction in which the chain shows the payment. */
  transactionHash: Hash | null
  /** Why it was not bought, or has no answer. */
  problem: PurchaseProblem | null
  checks: BuyingCheck[]
  /** Who asked for it, such as `key:…`. */
  requestedBy: string
  createdAt: Date
  updatedAt: Date
}

/** What the API answered, up to 256 kB; what is no text in base64. */
export type PurchaseAnswer = {
  status: number
  headers: Record<string, string>
  body: string
  encoding: 'utf8' | 'base64'
  truncated: boolean
}

/** A purchase with its answer: null where there is none, or none any more. */
export type BoughtPurchase = Purchase & { answer: PurchaseAnswer | null }

/** `replayed`: it was asked for before with this idempotency key. */
export type CreatedPurchase = BoughtPurchase & { replayed: boolean }
