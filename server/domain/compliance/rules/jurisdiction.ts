import type { Check } from '../../../contract/entities.ts'
import type { Party } from '../../../contract/policies.ts'
import type { Facts, Question } from '../question.ts'
import { ofEach, satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks where each party is. */
export function jurisdiction(rule: Of<'jurisdiction'>, { parties }: Question, { standing }: Facts): Check {
  return ofEach(
    rule.parties,
    (party) => jurisdictionOf(party, rule, parties[party], standing[party]),
    (evidence) =>
      satisfied('jurisdiction', 'JURISDICTION_ALLOWED', 'Everybody is where the policy allows.', { evidence }),
  )
}

function jurisdictionOf(
  party: Party,
  rule: Of<'jurisdiction'>,
  address: string,
  { jurisdiction: known, unanswered }: Facts['standing'][Party],
): Check {
  if (known) {
    const blocked = rule.blocked.includes(known.code)
    if (blocked || (rule.allowed && !rule.allowed.includes(known.code)))
      return unsatisfied(
        'jurisdiction',
        rule.otherwise,
        blocked ? 'JURISDICTION_BLOCKED' : 'JURISDICTION_NOT_ALLOWED',
        `The ${party} ${address} is in ${known.code}, which the policy ${blocked ? 'blocks' : 'does not allow'}.`,
        `Only a ${party} of another jurisdiction, or another policy, satisfies this rule.`,
        { evidence: evidenceOf(party, known) },
      )
  }
  // who is silent may say that they are elsewhere: silencing one of several must not let anybody pass
  if (unanswered)
    return unsatisfied(
      'jurisdiction',
      rule.unanswered,
      'JURISDICTION_UNANSWERED',
      `Whoever attests where the ${party} ${address} is does not answer.`,
      'Try again later, when the provider of attestations answers.',
    )
  if (!known)
    return unsatisfied(
      'jurisdiction',
      rule.unanswered,
      'JURISDICTION_UNKNOWN',
      `Nothing says where the ${party} ${address} is.`,
      `Have the jurisdiction of the ${party} attested.`,
    )
  return satisfied('jurisdiction', 'JURISDICTION_ALLOWED', `The ${party} ${address} is in ${known.code}.`, {
    evidence: evidenceOf(party, known),
  })
}

/** Beside the attestation, what it says: whoever looks into a decision later need not ask who attested. */
const evidenceOf = (party: Party, { code, evidence }: { code: string; evidence: string }): string =>
  `${party} in ${code} (${evidence})`

/** Where a party was, as stored checks have it, in ISO 3166-1 alpha-2; null if they do not say. */
export function jurisdictionIn(
  checks: readonly { rule: string; evidence?: string | null }[],
  party: Party,
): string | null {
  const place = new RegExp(`(?:^|, )${party} in ([A-Z]{2}) \\(`)
  const said = checks.flatMap(({ rule, evidence }) =>
    rule === 'jurisdiction' ? (place.exec(evidence ?? '')?.[1] ?? []) : [],
  )
  return said[0] ?? null
}
