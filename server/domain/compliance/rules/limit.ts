import type { Check } from '../../../contract/entities.ts'
import { meterOf } from '../meters.ts'
import type { Facts, Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that this action, with those before it in the window, stay within a count and a sum. */
export function limit(rule: Of<'limit'>, question: Question, { usage }: Facts): Check {
  const meter = meterOf(rule, question)
  if (!meter) return satisfied('limit', 'OTHER_ASSET', 'The limit is of another asset.')
  const used = usage.get(meter.key) ?? { count: 0, sum: 0n }
  const whose = rule.per === 'app' ? 'the app' : 'the wallet'
  const window = `${rule.windowSeconds} seconds`
  if (rule.count !== null && used.count + 1 > rule.count)
    return unsatisfied(
      'limit',
      rule.otherwise,
      'LIMIT_COUNT_REACHED',
      `Of ${whose}, ${used.count} payments were accepted in the last ${window}; the limit is ${rule.count}.`,
      `Wait until fewer payments lie within ${window}, or have the limit raised.`,
    )
  if (rule.sum !== null && used.sum + question.amount > rule.sum)
    return unsatisfied(
      'limit',
      rule.otherwise,
      'LIMIT_SUM_REACHED',
      `Of ${whose}, ${used.sum} base units were accepted in the last ${window}; with ${question.amount} more they are above the limit of ${rule.sum}.`,
      used.sum < rule.sum
        ? `Move at most ${rule.sum - used.sum} base units now, or wait.`
        : `Wait until less lies within ${window}, or have the limit raised.`,
    )
  return satisfied('limit', 'WITHIN_LIMIT', `Within the limit of ${whose} over ${window}.`)
}
