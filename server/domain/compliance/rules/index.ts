import type { Check } from '../../../contract/entities.ts'
import type { Rule, RuleName } from '../../../contract/policies.ts'
import type { Facts, Question } from '../question.ts'
import { allowList } from './allow-list.ts'
import { assets } from './assets.ts'
import { jurisdiction } from './jurisdiction.ts'
import { kyc } from './kyc.ts'
import { limit } from './limit.ts'
import { recipients } from './recipients.ts'
import { threshold } from './threshold.ts'
import { velocity } from './velocity.ts'

/** A rule of a policy by its name. */
export type Of<Name extends RuleName> = Extract<Rule, { rule: Name }>

type Ask<Name extends RuleName> = (rule: Of<Name>, question: Question, facts: Facts) => Check

/** What asks each rule. */
const asking: { [Name in RuleName]: Ask<Name> } = {
  'allow-list': allowList,
  assets,
  jurisdiction,
  kyc,
  limit,
  recipients,
  threshold,
  velocity,
}

/** Asks one rule of a policy. */
export const ask = (rule: Rule, question: Question, facts: Facts): Check =>
  (asking[rule.rule] as Ask<RuleName>)(rule, question, facts)
