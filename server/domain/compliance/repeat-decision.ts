import type { Address, Decision } from '../../contract/entities.ts'
import type { CountedEntry, ExplainedCheck, Explanation } from '../../contract/explanations.ts'
import type { Rule } from '../../contract/policies.ts'
import { askedAgain, decide, decideAgain } from './decide.ts'
import { meterOf } from './meters.ts'
import { type DecidedAction, type Facts, type Question, type Standing, subjectsOf } from './question.ts'
import { strictest } from './rules/checks.ts'

/** The question of a stored decision. */
export function questionOf({
  action,
  subject,
  createdAt,
}: Pick<Decision, 'action' | 'subject' | 'createdAt'>): Question {
  const { payer, recipient, wallet, user, asset, amount, ...details } = subject
  return {
    // as it was stored
    action: action as DecidedAction,
    parties: { payer: payer as Address, recipient: recipient as Address },
    walletId: wallet!,
    userId: user ?? null,
    assetId: asset!,
    amount: BigInt(amount!),
    details,
    at: createdAt,
  }
}

/** What a chain and a token were asked: they have gone on since, and what they were is not stored beyond what it came to. */
const isOfChain = ({ rule }: { rule: string }): boolean => rule === 'tx-allow-list' || rule.startsWith('token-')

/**
 * Asks every rule again that can be asked of what is stored: the question, the rules of the policy as they were, and the entries that
 * counted on the lists of then. What the chain and a token said cannot be asked again, and comes after the rules. A rule says the same if outcome and code are the same; its sentence may be put in other words by now.
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
  const ofRules = decision.checks.filter((check) => !isOfChain(check))
  const way = ways.find(({ answer }) => namesOf(answer.checks) === namesOf(ofRules))

  const checks = decision.checks.map((check, index): ExplainedCheck => {
    if (isOfChain(check)) return { ...check, asked: null, entries: [], repeated: null }
    // what is always asked comes before the rules of the policy
    const asked = way?.asked[index - (ofRules.length - way.asked.length)] ?? null
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
