import type { Address } from './entities.ts'

/** What becomes of an action that does not satisfy a rule. */
export type Consequence = 'deny' | 'review'

/** Whose attestations or payments a rule looks at. */
export type Party = 'payer' | 'recipient'

/**
 * What a policy asks of every movement of value, beside what is always asked: that nobody in it is on a deny or sanctions list.
 * Amounts are base units of the asset.
 */
export type Rule =
  | {
      rule: 'allow-list'
      /** Only who is on this list may take part. */
      list: string
      parties: Party[]
      otherwise: Consequence
    }
  | {
      rule: 'kyc'
      parties: Party[]
      /** At least this level, of 1 to 3. */
      level: 1 | 2 | 3
      /** Verified within so many days; null is ever. */
      maxAgeDays: number | null
      otherwise: Consequence
      /** When whoever attests does not answer. Never an allow. */
      unanswered: Consequence
    }
  | {
      rule: 'jurisdiction'
      parties: Party[]
      /** ISO 3166-1 alpha-2, such as `DE`. Null is every one that is not blocked. */
      allowed: string[] | null
      blocked: string[]
      otherwise: Consequence
      /** When nothing says where somebody is, or whoever attests does not answer. Never an allow. */
      unanswered: Consequence
    }
  | {
      rule: 'threshold'
      assetId: string
      /** Above this amount. */
      above: bigint
      otherwise: Consequence
    }
  | {
      rule: 'limit'
      /** Whose payments count together. */
      per: 'wallet' | 'app'
      assetId: string
      /** Over so many seconds back from now, to a twelfth of it. */
      windowSeconds: number
      /** At most so many payments; null is any number. */
      count: number | null
      /** At most so much; null is any amount. */
      sum: bigint | null
      otherwise: Consequence
    }
  | {
      rule: 'velocity'
      /** At most so many payments of one wallet within so many seconds, in whatever asset. */
      count: number
      windowSeconds: number
      otherwise: Consequence
    }
  | { rule: 'recipients'; allowed: Address[]; otherwise: Consequence }
  | { rule: 'assets'; allowed: string[]; otherwise: Consequence }

export type RuleName = Rule['rule']

export type PolicyState = 'draft' | 'published' | 'retired'

/** What an app asks of every movement of value. One is in force at a time; a change is a new version. */
export type Policy = {
  id: string
  /** 1, 2, 3 … in each app. */
  version: number
  state: PolicyState
  rules: Rule[]
  createdAt: Date
  publishedAt: Date | null
}

/** A held payment, before an officer. */
export type Review = {
  id: string
  paymentId: string
  /** The decision that asks for it, with the checks that were not satisfied. */
  decisionId: string
  /** `obsolete`: its payment was taken back, or refused by a rule, before anybody decided. */
  state: 'open' | 'approved' | 'denied' | 'expired' | 'obsolete'
  /** Who wants the payment; somebody else decides. */
  requestedBy: string
  /** The officer who looks at it, such as `user:…`. */
  assignedTo: string | null
  decidedBy: string | null
  note: string | null
  createdAt: Date
  /** Undecided, the payment expires then. */
  expiresAt: Date
  decidedAt: Date | null
}
