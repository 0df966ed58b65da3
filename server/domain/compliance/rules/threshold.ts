import type { Check } from '../../../contract/entities.ts'
import type { Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that the amount not be above a threshold. */
export function threshold(rule: Of<'threshold'>, { assetId, amount }: Question): Check {
  if (assetId !== rule.assetId) return satisfied('threshold', 'OTHER_ASSET', 'The threshold is of another asset.')
  if (amount <= rule.above)
    return satisfied('threshold', 'BELOW_THRESHOLD', `${amount} base units are not above ${rule.above}.`)
  return unsatisfied(
    'threshold',
    rule.otherwise,
    'ABOVE_THRESHOLD',
    `${amount} base units are above the threshold of ${rule.above}.`,
    rule.otherwise === 'review'
      ? 'A compliance officer decides on it.'
      : `Move at most ${rule.above} base units at once.`,
  )
}
