import type { OperationType } from '../../contract/eerc.ts'
import type { Address, ListKind } from '../../contract/entities.ts'
import type { Party, Rule } from '../../contract/policies.ts'

/** What decisions are about: a payment, or an operation on a token, such as `eerc.transfer`. */
export type DecidedAction = 'payment' | `eerc.${OperationType}`

/** What is being decided on: value that is to move from one address to another. */
export interface Question {
  action: DecidedAction
  parties: Readonly<Record<Party, Address>>
  walletId: string
  /** The user whose wallet pays; null for one that is nobody's. */
  userId: string | null
  assetId: string
  /** In base units of the asset. */
  amount: bigint
  /** What else the action says, such as whose tokens are frozen: no rule asks about it, and it is stored with the rest. */
  details?: Readonly<Record<string, string>>
  at: Date
}

/** Whose entry on a list it is. */
export interface Listed {
  list: string
  kind: ListKind
  /** A checksummed address, or `wallet:` or `user:` and an id. */
  subject: string
  reason: string
}

/** What is known of somebody from whoever attests; `unanswered` when not all of them answered in time. */
export interface Standing {
  /** Every level that holds, the highest first, with the last time that it was verified. */
  kyc: readonly { level: number; verifiedAt: Date; evidence: string }[]
  /** ISO 3166-1 alpha-2; null if nothing says. */
  jurisdiction: { code: string; evidence: string } | null
  unanswered: boolean
}

/** What was paid within the window of a limit, before this action. */
export interface Usage {
  count: number
  sum: bigint
}

/** Everything the rules know, read before they are asked. */
export interface Facts {
  /** The version of the app's lists and policy: it counts up with every change of either. */
  rulesVersion: bigint
  /** The policy in force; version 0 is the one of an app that has published none. */
  policy: { id: string | null; version: number; rules: readonly Rule[] }
  listed: readonly Listed[]
  standing: Readonly<Record<Party, Standing>>
  /** By the key of each meter of the policy (see `meters.ts`). */
  usage: ReadonlyMap<string, Usage>
}

/** How a list knows each party: by address, and the payer by wallet and user as well. */
export const subjectsOf = ({ parties, walletId, userId }: Question): Record<Party, string[]> => ({
  payer: [parties.payer, `wallet:${walletId}`, ...(userId ? [`user:${userId}`] : [])],
  recipient: [parties.recipient],
})
