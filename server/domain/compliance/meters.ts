import type { Rule } from '../../contract/policies.ts'
import type { Answer } from './decide.ts'
import type { FactsRead } from './facts.ts'
import type { Question } from './question.ts'
import type { MeterState } from './read-meters.ts'
import { usageOf } from './usage.ts'

/** Something that is counted over a window: the payments of a wallet or of the app, in one asset or in all. */
export interface Meter {
  /** Names it within the app, whatever policy asks for it. */
  key: string
  windowSeconds: number
}

/** The meters that a rule looks at for an action: none, or one. */
export function meterOf(rule: Rule, question: Pick<Question, 'walletId' | 'assetId'>): Meter | null {
  if (rule.rule === 'velocity')
    return { key: `wallet:${question.walletId} any ${rule.windowSeconds}`, windowSeconds: rule.windowSeconds }
  if (rule.rule !== 'limit' || rule.assetId !== question.assetId) return null
  const subject = rule.per === 'wallet' ? `wallet:${question.walletId}` : 'app'
  return { key: `${subject} ${rule.assetId} ${rule.windowSeconds}`, windowSeconds: rule.windowSeconds }
}

/** The meters of a policy for an action, each once. */
export function metersOf(rules: readonly Rule[], question: Pick<Question, 'walletId' | 'assetId'>): Meter[] {
  const meters = rules.flatMap((rule) => meterOf(rule, question) ?? [])
  return [...new Map(meters.map((meter) => [meter.key, meter])).values()]
}

/** A meter that an action is counted in, with what must still hold when it is. */
export interface CountedMeter extends Meter {
  /** Of the rules that let the action pass: a payment counted meanwhile may have used up what was left. */
  limits: { count: number | null; sum: bigint | null }[]
  /** As it was read. */
  state: MeterState
}

/** The meters that an action is counted in once it is accepted. */
export function metersToCount(question: Question, { policy, meters }: FactsRead, { checks }: Answer): CountedMeter[] {
  // the rules of the policy come last, in their order
  const results = checks.slice(checks.length - policy.rules.length)
  return metersOf(policy.rules, question).map((meter) => ({
    ...meter,
    state: meters.get(meter.key)!,
    limits: policy.rules.flatMap((rule, index) => {
      if (results[index]?.outcome !== 'allow' || meterOf(rule, question)?.key !== meter.key) return []
      if (rule.rule === 'velocity') return [{ count: rule.count, sum: null }]
      return rule.rule === 'limit' ? [{ count: rule.count, sum: rule.sum }] : []
    }),
  }))
}

/** Whether one more fits in a meter, by all that the rules have let pass. */
export function hasRoom(
  { windowSeconds, limits }: CountedMeter,
  { buckets }: MeterState,
  { now, amount }: { now: Date; amount: bigint },
): boolean {
  const used = usageOf(buckets, windowSeconds, now)
  return limits.every(
    ({ count, sum }) => (count === null || used.count + 1 <= count) && (sum === null || used.sum + amount <= sum),
  )
}
