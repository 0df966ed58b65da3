import type { Check } from '../../../contract/entities.ts'
import type { Party } from '../../../contract/policies.ts'
import type { Facts, Question } from '../question.ts'
import { ofEach, satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

const DAY = 86_400_000

/** Asks that each party be known well enough, and lately enough. */
export function kyc(rule: Of<'kyc'>, question: Question, { standing }: Facts): Check {
  return ofEach(
    rule.parties,
    (party) => kycOf(party, rule, question, standing[party]),
    (evidence) =>
      satisfied('kyc', 'KYC_SUFFICIENT', `Everybody who must be is verified to level ${rule.level}.`, { evidence }),
  )
}

function kycOf(
  party: Party,
  rule: Of<'kyc'>,
  { parties, at }: Question,
  { kyc, unanswered }: Facts['standing'][Party],
) {
  const address = parties[party]
  const [freshest] = kyc
    .filter(({ level }) => level >= rule.level)
    .toSorted((a, b) => b.verifiedAt.getTime() - a.verifiedAt.getTime())
  const isTooOld = freshest && rule.maxAgeDays && freshest.verifiedAt.getTime() + rule.maxAgeDays * DAY <= at.getTime()
  if (freshest && !isTooOld)
    return satisfied('kyc', 'KYC_SUFFICIENT', `The ${party} ${address} is verified to level ${freshest.level}.`, {
      evidence: freshest.evidence,
    })

  // what is known for certain would have counted, even if not everybody answered
  if (unanswered)
    return unsatisfied(
      'kyc',
      rule.unanswered,
      'KYC_UNANSWERED',
      `Whoever attests for the ${party} ${address} does not answer.`,
      'Try again later, when the provider of attestations answers.',
    )
  const missing = (code: string, message: string, evidence?: string) =>
    unsatisfied(
      'kyc',
      rule.otherwise,
      code,
      message,
      `Have the ${party} verified to level ${rule.level}${rule.maxAgeDays ? ` within the last ${rule.maxAgeDays} days` : ''}.`,
      { ...(evidence !== undefined && { evidence }) },
    )
  if (freshest)
    return missing(
      'KYC_TOO_OLD',
      `The ${party} ${address} was verified on ${freshest.verifiedAt.toISOString().slice(0, 10)}, more than ${rule.maxAgeDays} days ago.`,
      freshest.evidence,
    )
  const [highest] = kyc.toSorted((a, b) => b.level - a.level)
  return highest
    ? missing(
        'KYC_LEVEL_TOO_LOW',
        `The ${party} ${address} is verified to level ${highest.level}, not ${rule.level}.`,
        highest.evidence,
      )
    : missing('KYC_MISSING', `Nothing says that the ${party} ${address} was verified.`)
}
