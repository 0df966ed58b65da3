import type { AuditProof } from './audit.ts'
import type { Asset, Check, Decision, ListEntry } from './entities.ts'
import type { Policy, Rule } from './policies.ts'

/** An entry that counted when something was decided. */
export type CountedEntry = ListEntry & {
  /** The import that it came with, and the hash over all of its entries, in hex; null if it was added by itself. */
  import: { id: string; hash: string } | null
}

/** What a rule found, what it asked for, and what it found it in. */
export type ExplainedCheck = Check & {
  /** The rule as the policy had it; null for what is always asked. */
  asked: Rule | null
  /** The entries that it looked at and found somebody of this action in. */
  entries: CountedEntry[]
  /**
   * Whether the rule says the same now, of what is stored. Null: it rests on what is not stored beyond its result, such as what
   * somebody attested, what had been paid until then, or what a chain and a token said.
   */
  repeated: boolean | null
}

/** A decision with everything that it was made on, so that it can be understood without anything else. */
export type Explanation = {
  decision: Decision
  /** The asset that was to move. */
  asset: Asset
  /** The payment that it allowed or held; null if it refused one. */
  paymentId: string | null
  /** The operation on a token that it allowed or held; null if it refused one. */
  operationId: string | null
  /** The version of the policy that was asked; null if none was published. */
  policy: Policy | null
  checks: ExplainedCheck[]
  /** Which of the checks decided: the strictest, of equals the first. */
  decidedBy: number
  /** `different` if a rule, or the outcome, is not what was stored; `in_part` if some rules cannot be asked again. */
  repeated: 'same' | 'in_part' | 'different'
  /**
   * The canonical bytes (RFC 8785) of what was decided on, and whether the decision's commitment is their SHA-256; null for one that
   * has none.
   */
  commitment: { bytes: string; holds: boolean } | null
  /** The record of the decision, and its place in the log; null for one that has none. */
  audit:
    | (AuditProof & {
        /** Whether the record says what the decision says. */
        agrees: boolean
      })
    | null
  /** All of it in sentences, a line each. */
  text: string
}
