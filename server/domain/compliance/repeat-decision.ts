import type { Address, Decision } from '../../contract/entities.ts'
import type { CountedEntry, ExplainedCheck, Explanation } from '../../contract/explanations.ts'
import type { Rule } from '../../contract/policies.ts'
import { askedAgain, decide, decideAgain } from './decide.ts'
import { meterOf } from './meters.ts'
import { type Facts, type Question, type Standing, subjectsOf } from './question.ts'
import { strictest } from './rules/checks.ts'

/** The question of a stored decision. */
export const questionOf = ({ subject, createdAt }: Pick<Decision, 'subject' | 'createdAt'>): Question => ({
  action: 'payment',
  parties: { payer: subject.payer as Address, recipient: subject.recipient as Address },
  walletId: subject.wallet!,
  userId: subject.user ?? null,
  assetId: subject.asset!,
  amount: BigInt(subject.amount!),
  at: createdAt,
})

/**
 * Asks every rule again that can be asked of what is stored: the question, the rules of the policy as they were, and the entries that
 * counted on the lists of then. A rule says the same if outcome and code are the same; its sentence may be put in other words by now.
 */
export function repeatDecision(
  decision: Decision,
  rules: readonly Rule[],
  listed: readonly CountedEntry[],
): Pick<Explanation, 'checks' | 'repeated' | 'decidedBy'> {
  const question = questionOf(decision)
  const facts: Facts = {
    rulesVersion: decision.listVersion,
    policy: { id: null, version: decision.policyVersion, rules },
    listed,
    standing: { payer: unknown, recipient: unknown },
    usage: new Map(),
  }
  const ways = [
    { answer: decide(question, facts), asked: rules },
    { answer: decideAgain(question, facts), asked: askedAgain(rules) },
  ]
  const way = ways.find(({ answer }) => namesOf(answer.checks) === namesOf(decision.checks))

  const checks = decision.checks.map((check, index): ExplainedCheck => {
    // what is always asked comes before the rules of the policy
    const asked = way?.asked[index - (decision.checks.length - way.asked.length)] ?? null
    const again = way?.answer.checks[index]
    const isSame = again?.outcome === check.outcome && again.code === check.code
    return {
      ...check,
      asked,
      entries: listed.filter((entry) => looksAt(check.rule, asked, question, entry)),
      repeated: way && asked && !isStored(asked, question) ? null : isSame,
    }
  })
  const deciding = strictest(decision.checks)
  const isDifferent = deciding.outcome !== decision.outcome || checks.some(({ repeated }) => repeated === false)
  const isWhole = checks.every(({ repeated }) => repeated !== null)
  return {
    checks,
    decidedBy: decision.checks.indexOf(deciding),
    repeated: isDifferent ? 'different' : isWhole ? 'same' : 'in_part',
  }
}

const unknown: Standing = { kyc: [], jurisdiction: null, unanswered: false }

const namesOf = (checks: readonly { rule: string }[]): string => checks.map(({ rule }) => rule).join()

/** Whether all that a rule looks at is stored. What was attested, and what had been paid, is not. */
const isStored = (rule: Rule, question: Question): boolean =>
  rule.rule !== 'kyc' && rule.rule !== 'jurisdiction' && meterOf(rule, question) === null

function looksAt(name: string, asked: Rule | null, question: Question, { kind, list, subject }: CountedEntry): boolean {
  const subjects = subjectsOf(question)
  if (name === 'deny-list' || name === 'sanctions')
    return kind === (name === 'sanctions' ? 'sanctions' : 'deny') && Object.values(subjects).flat().includes(subject)
  if (asked?.rule !== 'allow-list' || kind !== 'allow' || list !== asked.list) return false
  return asked.parties.some((party) => subjects[party].includes(subject))
}
