import type { Check } from '../../../contract/entities.ts'
import type { Facts, Question } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks where each party is. */
export function jurisdiction(rule: Of<'jurisdiction'>, question: Question, { standing }: Facts): Check {
  const evidence: string[] = []
  for (const party of rule.parties) {
    const { jurisdiction: known, unanswered } = standing[party]
    const address = question.parties[party]
    if (!known)
      return unanswered
        ? unsatisfied(
            'jurisdiction',
            rule.unanswered,
            'JURISDICTION_UNANSWERED',
            `Whoever attests where the ${party} ${address} is does not answer.`,
            'Try again later, when the provider of attestations answers.',
          )
        : unsatisfied(
            'jurisdiction',
            rule.unanswered,
            'JURISDICTION_UNKNOWN',
            `Nothing says where the ${party} ${address} is.`,
            `Have the jurisdiction of the ${party} attested.`,
          )
    const blocked = rule.blocked.includes(known.code)
    if (blocked || (rule.allowed && !rule.allowed.includes(known.code)))
      return unsatisfied(
        'jurisdiction',
        rule.otherwise,
        blocked ? 'JURISDICTION_BLOCKED' : 'JURISDICTION_NOT_ALLOWED',
        `The ${party} ${address} is in ${known.code}, which the policy ${blocked ? 'blocks' : 'does not allow'}.`,
        `Only a ${party} of another jurisdiction, or another policy, satisfies this rule.`,
        { evidence: known.evidence },
      )
    evidence.push(known.evidence)
  }
  return satisfied('jurisdiction', 'JURISDICTION_ALLOWED', 'Everybody is where the policy allows.', {
    evidence: evidence.join(', '),
  })
}
