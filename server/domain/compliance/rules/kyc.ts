import type { Check } from '../../../contract/entities.ts'
import type { Facts, Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

const DAY = 86_400_000

/** Asks that each party be known well enough, and lately enough. */
export function kyc(rule: Of<'kyc'>, question: Question, { standing }: Facts): Check {
  const evidence: string[] = []
  for (const party of rule.parties) {
    const { kyc: known, unanswered } = standing[party]
    const address = question.parties[party]
    const missing = (code: string, message: string) =>
      unsatisfied(
        'kyc',
        rule.otherwise,
        code,
        message,
        `Have the ${party} verified to level ${rule.level}${rule.maxAgeDays ? ` within the last ${rule.maxAgeDays} days` : ''}.`,
        known ? { evidence: known.evidence } : {},
      )
    // what is known for certain counts, even if not everybody answered
    if (!known || known.level < rule.level) {
      if (unanswered)
        return unsatisfied(
          'kyc',
          rule.unanswered,
          'KYC_UNANSWERED',
          `Whoever attests for the ${party} ${address} does not answer.`,
          'Try again later, when the provider of attestations answers.',
        )
      return known
        ? missing(
            'KYC_LEVEL_TOO_LOW',
            `The ${party} ${address} is verified to level ${known.level}, not ${rule.level}.`,
          )
        : missing('KYC_MISSING', `Nothing says that the ${party} ${address} was verified.`)
    }
    if (rule.maxAgeDays && known.verifiedAt.getTime() + rule.maxAgeDays * DAY <= question.at.getTime())
      return missing(
        'KYC_TOO_OLD',
        `The ${party} ${address} was verified on ${known.verifiedAt.toISOString().slice(0, 10)}, more than ${rule.maxAgeDays} days ago.`,
      )
    evidence.push(known.evidence)
  }
  return satisfied('kyc', 'KYC_SUFFICIENT', `Everybody who must be is verified to level ${rule.level}.`, {
    evidence: evidence.join(', '),
  })
}
