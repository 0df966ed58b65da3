import type { CountedEntry, ExplainedCheck, Explanation } from '../../contract/explanations.ts'
import type { Policy } from '../../contract/policies.ts'
import { writeRules } from '../policies/policy-of.ts'

/** Puts an explanation into sentences, a line each. */
export const tellDecision = (explained: Omit<Explanation, 'text'>): string =>
  [
    ...ofQuestion(explained),
    `It was decided on version ${explained.decision.listVersion} of the lists and the policy. ${ofPolicy(explained.policy)}`,
    ...explained.checks.flatMap(ofCheck),
    ofRepetition(explained),
    ...ofCommitment(explained),
    ofAudit(explained),
  ].join('\n')

const outcomes = { allow: 'allowed', deny: 'denied', review: 'left to a compliance officer' }

function ofQuestion(explained: Omit<Explanation, 'text'>): string[] {
  const { decision, asset, paymentId, operationId, checks, decidedBy } = explained
  const { payer, recipient, wallet, user, amount, asset: _, ...details } = decision.subject
  const by = checks[decidedBy]!
  const what = `The ${decision.action} of ${amount} base units of ${asset.symbol} (${asset.decimals} decimals, ${asset.address} on ${asset.chain})`
  const whose = `from ${payer} (wallet ${wallet}${user ? `, of the user ${user}` : ''}) to ${recipient}`
  const told = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  const more = told.length > 0 ? `, ${told.join(', ')},` : ''
  const why =
    decision.outcome === 'allow'
      ? 'every rule was satisfied'
      : `by the rule ${by.rule} (${by.code}), the strictest of all`
  return [
    `${what} ${whose}${more} was ${outcomes[decision.outcome]} on ${decision.createdAt.toISOString()}: ${why}.`,
    ...(paymentId ? [`It is the payment ${paymentId}.`] : []),
    ...(operationId ? [`It is the operation ${operationId}.`] : []),
  ]
}

const ofPolicy = (policy: Policy | null): string =>
  policy
    ? `The policy was version ${policy.version} (${policy.id}), published on ${policy.publishedAt?.toISOString()}: ${writeRules(policy.rules)}`
    : 'No policy was published: only what is always asked was asked.'

function ofCheck({ rule, outcome, code, message, remedy, evidence, entries }: ExplainedCheck): string[] {
  const found = `${rule}: ${outcome} (${code}). ${message}`
  return [
    [found, evidence && `It rests on ${evidence}.`, remedy && `What would satisfy it: ${remedy}`]
      .filter(Boolean)
      .join(' '),
    ...entries.map(ofEntry),
  ]
}

function ofEntry({ id, list, kind, subject, reason, source, createdAt, removedAt, ...entry }: CountedEntry): string {
  const period = [
    entry.validFrom && `from ${entry.validFrom.toISOString()}`,
    entry.validUntil && `until ${entry.validUntil.toISOString()}`,
  ].filter(Boolean)
  const parts = [
    `  ${subject} was on the ${kind} list "${list}" by the entry ${id} of ${createdAt.toISOString()}`,
    entry.import && `of the import ${entry.import.id} with the hash ${entry.import.hash}`,
    period.length > 0 && `counting ${period.join(' ')}`,
    removedAt && `taken off on ${removedAt.toISOString()}`,
  ].filter(Boolean)
  return `${parts.join(', ')}. Reason: ${reason}. Source: ${source}.`
}

function ofRepetition({ repeated, checks }: Omit<Explanation, 'text'>): string {
  const apart = (value: boolean | null) =>
    checks.flatMap((check) => (check.repeated === value ? [check.rule] : [])).join(', ')
  if (repeated === 'same') return 'Asked again of what is stored, every rule says the same.'
  if (repeated === 'in_part')
    return `Asked again of what is stored, the rules say the same, but for ${apart(null)}: of what they rest on only their results are stored.`
  return `What is stored does not come to this decision${apart(false) ? `: ${apart(false)} would say something else` : ''}. Run provider audit verify.`
}

function ofCommitment({ commitment, decision }: Omit<Explanation, 'text'>): string[] {
  if (!commitment) return []
  const relation = commitment.holds ? 'is' : 'is NOT'
  return [`The commitment ${decision.commitment} ${relation} the SHA-256 of these bytes: ${commitment.bytes}`]
}

function ofAudit({ audit }: Omit<Explanation, 'text'>): string {
  if (!audit) return 'There is no record of it in the audit trail. Run provider audit verify.'
  const { leaf, seal, agrees } = audit
  const place = seal
    ? `leaf ${seal.index} of the log, proven by checkpoint ${seal.checkpoint.number} of ${seal.checkpoint.sealedAt}, signed with the key ${seal.checkpoint.key}`
    : 'not sealed yet'
  const word = agrees ? 'says the same' : 'does NOT say the same: run provider audit verify'
  return `Its audit record ${leaf.sequence} of ${leaf.stream}, with the hash ${leaf.hash}, ${word}; it is ${place}.`
}
