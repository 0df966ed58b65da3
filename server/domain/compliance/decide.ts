import type { Check, Decision } from '../../contract/entities.ts'
import { denyList, type ListedAddress } from './rules/deny-list.ts'

/** What is being decided on. */
export interface Question {
  action: 'payment'
  /** Role of each address in the action, such as `payer` and `recipient`. */
  addresses: Readonly<Record<string, string>>
}

/** What the rules know, read before they are asked. */
export interface Facts {
  /** The version of the app's lists. */
  listVersion: bigint
  /** Entries in force for the addresses of the question. */
  listed: readonly ListedAddress[]
}

/** An answer that is not stored yet. */
export type Answer = Pick<Decision, 'outcome' | 'checks'>

const strictness = { allow: 0, review: 1, deny: 2 } as const

/** Asks every rule. The strictest outcome wins and every rule's result is kept. */
export function decide(question: Question, facts: Facts): Answer {
  const checks: Check[] = [denyList(question, facts)]
  const outcome = checks.map((check) => check.outcome).sort((a, b) => strictness[b] - strictness[a])[0]!
  return { outcome, checks }
}
