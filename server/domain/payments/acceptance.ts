import type { CountedMeter } from '../compliance/meters.ts'
import type { Intention } from '../idempotency.ts'
import type { NewReview } from '../reviews/new-review.ts'
import type { TakenAuthorization } from '../x402/taken-authorization.ts'

/** Everything that is written when a payment is accepted. */
export interface Acceptance {
  id: string
  transactionId: string
  decisionId: string
  intention: Intention
  now: Date
  /** Holds while the paywall has this version and the lists this one. */
  paywall: { id: string; version: bigint }
  rulesVersion: bigint
  /** What it is counted in: it is accepted only while there is room for it. */
  meters: readonly CountedMeter[]
  walletId: string
  payer: string
  recipient: string
  assetId: string
  chainId: bigint
  amount: bigint
  decision: {
    outcome: string
    subject: string
    checks: string
    policyId: string | null
    policyNumber: number
    commitment: Buffer
    /** When it was asked for. */
    at: Date
  }
  provider: 'crossmint' | 'local' | 'external'
  /** When its transaction is looked at, unless it is held. */
  due: Date
  /** Who sends its transaction to the chain. */
  sender: string
  calls: string
  shard: number
  audit: { body: Buffer; hash: Buffer }
  facts: string
  /** What waits for an officer, if the payment is held. */
  review: NewReview | null
  /** What is paid by an authorization of the payer's. */
  authorization: TakenAuthorization | null
}
