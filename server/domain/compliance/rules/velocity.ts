import type { Check } from '../../../contract/entities.ts'
import { meterOf } from '../meters.ts'
import type { Facts, Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that a wallet not pay too often. */
export function velocity(rule: Of<'velocity'>, question: Question, { usage }: Facts): Check {
  const used = usage.get(meterOf(rule, question)!.key)?.count ?? 0
  if (used + 1 <= rule.count)
    return satisfied('velocity', 'WITHIN_VELOCITY', `At most ${rule.count} payments in ${rule.windowSeconds} seconds.`)
  return unsatisfied(
    'velocity',
    rule.otherwise,
    'TOO_FAST',
    `The wallet made ${used} payments in the last ${rule.windowSeconds} seconds; ${rule.count} are allowed.`,
    `Wait up to ${rule.windowSeconds} seconds.`,
  )
}
