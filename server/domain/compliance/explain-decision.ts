import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { AuditProof } from '../../contract/audit.ts'
import type { Decision } from '../../contract/entities.ts'
import type { Explanation } from '../../contract/explanations.ts'
import type { Services } from '../../services.ts'
import { assetColumns, assetOf } from '../assets/asset-of.ts'
import { proveLeaf } from '../audit/prove-leaf.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { listedInVersion } from '../lists/listed-in-version.ts'
import { isValid } from '../lists/period.ts'
import { getPolicy } from '../policies/get-policy.ts'
import type { AppPrincipal } from '../principal.ts'
import { bytesOf } from './decide.ts'
import { decisionColumns, decisionOf } from './decision-of.ts'
import { subjectsOf } from './question.ts'
import { questionOf, repeatDecision } from './repeat-decision.ts'
import { tellDecision } from './tell-decision.ts'

/**
 * Explains a stored decision with everything that it was made on: the question, the policy as it was, each rule with what it found and
 * the entries that it found it in, whether the rules say the same when they are asked again, and the record that proves it.
 *
 * @throws NOT_FOUND
 */
export async function explainDecision(
  services: Services,
  principal: AppPrincipal,
  { decisionId }: { decisionId: string },
): Promise<Explanation> {
  const { db } = services
  const { appId } = principal
  const row = await db
    .selectFrom('decision')
    .select(decisionColumns)
    .select('policy_id')
    .where('id', '=', decisionId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('decision')
  const decision = decisionOf(row)
  const question = questionOf(decision)
  const [asset, policy, listed, paymentId, operationId] = await Promise.all([
    db.selectFrom('asset').select(assetColumns).where('id', '=', question.assetId).executeTakeFirstOrThrow(),
    row.policy_id === null ? null : getPolicy(services, principal, { policyId: row.policy_id }),
    listedInVersion(db, {
      appId,
      rulesVersion: decision.listVersion,
      at: decision.createdAt,
      subjects: Object.values(subjectsOf(question)).flat(),
    }),
    madeOn('payment', services, appId, decision),
    madeOn('eerc_operation', services, appId, decision),
  ])
  const counted = listed.filter((entry) => isValid(entry, decision.createdAt))
  const proof = await proveLeaf(services, principal, {
    objectId: paymentId ?? operationId ?? decisionId,
    sequence: 1n,
  }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return null
    throw error
  })
  const explained = {
    decision,
    asset: assetOf(asset),
    paymentId,
    operationId,
    policy,
    ...repeatDecision(decision, policy?.rules ?? [], counted),
    commitment: commitmentTo(decision),
    audit: proof && { ...proof, agrees: agrees(proof, decision) },
  }
  return { ...explained, text: tellDecision(explained) }
}

/** How long after its decision something is accepted at most, in milliseconds: they are one call. */
const ONE_CALL = 600_000

/** What was accepted or held on a decision: a payment, or an operation on a token. */
async function madeOn(
  kind: 'payment' | 'eerc_operation',
  { db }: Services,
  appId: string,
  { id, createdAt }: Decision,
): Promise<string | null> {
  const made = await db
    .selectFrom(kind)
    .select('id')
    .where('app_id', '=', appId)
    .where('created_at', '>=', createdAt)
    .where('created_at', '<=', new Date(createdAt.getTime() + ONE_CALL))
    .where('decision_id', '=', id)
    .executeTakeFirst()
  return made?.id ?? null
}

function commitmentTo({ action, createdAt, subject, commitment }: Decision): Explanation['commitment'] {
  if (commitment === null) return null
  const bytes = bytesOf(action, createdAt, subject)
  return { bytes, holds: createHash('sha256').update(bytes).digest('hex') === commitment }
}

/**
 * Whether a record says what a decision says. That of a refusal has all of it; that of a payment or an operation names the decision, the versions and
 * who pays whom what.
 */
function agrees({ leaf }: AuditProof, { id, subject, checks, listVersion, policyVersion }: Decision): boolean {
  const { object, data } = JSON.parse(leaf.body) as { object: string; data: Record<string, unknown> }
  return (
    (object === id ? canonicalize(data.checks) === canonicalize(checks) : data.decision === id) &&
    data.listVersion === String(listVersion) &&
    data.policyVersion === policyVersion &&
    Object.entries(subject).every(([name, value]) => !(name in data) || data[name] === value)
  )
}
