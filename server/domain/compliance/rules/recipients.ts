import type { Check } from '../../../contract/entities.ts'
import type { Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that value go only to some addresses. */
export function recipients(rule: Of<'recipients'>, { parties }: Question): Check {
  return rule.allowed.includes(parties.recipient)
    ? satisfied('recipients', 'RECIPIENT_ALLOWED', 'The policy names this recipient.')
    : unsatisfied(
        'recipients',
        rule.otherwise,
        'RECIPIENT_NOT_ALLOWED',
        `The policy does not name the recipient ${parties.recipient}.`,
        'Pay a recipient that the policy names, or have this one added to it.',
      )
}
