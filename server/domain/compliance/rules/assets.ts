import type { Check } from '../../../contract/entities.ts'
import type { Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that only some assets move. */
export function assets(rule: Of<'assets'>, { assetId }: Question): Check {
  return rule.allowed.includes(assetId)
    ? satisfied('assets', 'ASSET_ALLOWED', 'The policy names this asset.')
    : unsatisfied(
        'assets',
        rule.otherwise,
        'ASSET_NOT_ALLOWED',
        `The policy does not name the asset ${assetId}.`,
        'Use an asset that the policy names, or have this one added to it.',
      )
}
