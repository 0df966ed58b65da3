import type { Check } from '../../../contract/entities.ts'
import type { Consequence, RuleName } from '../../../contract/policies.ts'

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
