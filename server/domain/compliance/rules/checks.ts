import type { Check } from '../../../contract/entities.ts'
import type { Consequence, Party, RuleName } from '../../../contract/policies.ts'

/** What a rule says that is satisfied. */
export const satisfied = (
  rule: RuleName,
  code: string,
  message: string,
  about: { list?: string; evidence?: string } = {},
): Check => ({
  rule,
  outcome: 'allow',
  code,
  message,
  list: about.list ?? null,
  evidence: about.evidence ?? null,
  remedy: null,
})

/** What a rule says that is not satisfied, and what would satisfy it. */
export const unsatisfied = (
  rule: RuleName,
  outcome: Consequence,
  code: string,
  message: string,
  remedy: string,
  about: { list?: string; evidence?: string } = {},
): Check => ({
  rule,
  outcome,
  code,
  message,
  list: about.list ?? null,
  evidence: about.evidence ?? null,
  remedy,
})

const strictness = { allow: 0, review: 1, deny: 2 } as const

/** The strictest of some results; of equals the first. */
export const strictest = (checks: readonly Check[]): Check =>
  checks.reduce((worst, check) => (strictness[check.outcome] > strictness[worst.outcome] ? check : worst))

/** Asks about each party: the strictest answer, or that everybody is fine, with what it rests on. */
export function ofEach(
  parties: readonly Party[],
  askAbout: (party: Party) => Check,
  fine: (evidence: string) => Check,
): Check {
  const answers = parties.map(askAbout)
  const worst = strictest(answers)
  return worst.outcome === 'allow' ? fine(answers.map(({ evidence }) => evidence).join(', ')) : worst
}
