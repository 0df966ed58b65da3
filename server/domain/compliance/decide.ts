import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Check, Decision } from '../../contract/entities.ts'
import type { Rule } from '../../contract/policies.ts'
import type { Facts, Question } from './question.ts'
import { strictest } from './rules/checks.ts'
import { denyList, sanctions } from './rules/deny-list.ts'
import { ask } from './rules/index.ts'

/** An answer that is not stored yet. */
export type Answer = Pick<Decision, 'outcome' | 'checks'>

/**
 * Asks every rule: those that are always asked, and those of the policy. The strictest outcome wins and every rule's result is
 * kept. The same question and facts have the same answer, for ever.
 */
export const decide = (question: Question, facts: Facts): Answer => answerOf(question, facts, facts.policy.rules)

/**
 * Asks again, before an action that was accepted is carried out, what can have changed about who takes part in it. How much and how
 * often was settled when it was accepted, and counted.
 */
export const decideAgain = (question: Question, facts: Facts): Answer =>
  answerOf(question, facts, askedAgain(facts.policy.rules))

/** Those rules of a policy that are asked again. */
export const askedAgain = (rules: readonly Rule[]): Rule[] => rules.filter(({ rule }) => !settled.has(rule))

const settled: ReadonlySet<Rule['rule']> = new Set(['limit', 'threshold', 'velocity'])

function answerOf(question: Question, facts: Facts, rules: readonly Rule[]): Answer {
  const checks: Check[] = [
    denyList(question, facts),
    sanctions(question, facts),
    ...rules.map((rule) => ask(rule, question, facts)),
  ]
  return { outcome: strictest(checks).outcome, checks }
}

/** A question as it is stored with its decision: text only. */
export const subjectOf = ({
  parties,
  walletId,
  userId,
  assetId,
  amount,
  details,
}: Question): Record<string, string> => ({
  ...details,
  ...parties,
  wallet: walletId,
  ...(userId && { user: userId }),
  asset: assetId,
  amount: String(amount),
})

/** What binds a decision to its question: SHA-256 of the question's canonical bytes. */
export const commitmentOf = (question: Question): Buffer =>
  createHash('sha256')
    .update(bytesOf(question.action, question.at, subjectOf(question)))
    .digest()

/** The canonical bytes (RFC 8785) of a question. */
export const bytesOf = (action: string, at: Date, subject: Record<string, string>): string =>
  canonicalize({ action, at: at.toISOString(), ...subject })!
