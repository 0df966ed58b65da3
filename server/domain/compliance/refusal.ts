import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { type Answer, commitmentOf, subjectOf } from './decide.ts'
import type { Facts, Question } from './question.ts'

/** A decision with all that it was made on. */
export interface NewDecision {
  id: string
  appId: string
  question: Question
  answer: Answer
  rulesVersion: bigint
  policy: Facts['policy']
}

/**
 * Stores a decision against something, with its audit leaf and event; `about` names what it was. One that is stored already is left as
 * it is. Its time is that of its question, to which its commitment binds it.
 */
export async function storeRefusal(
  trx: Kysely<Database>,
  principal: Principal,
  { id, appId, question, answer, rulesVersion, policy }: NewDecision,
  { about, at }: { about: Record<string, string>; at: Date },
): Promise<void> {
  const inserted = await trx
    .insertInto('decision')
    .values({
      id,
      app_id: appId,
      action: question.action,
      outcome: answer.outcome,
      subject: JSON.stringify(subjectOf(question)),
      checks: JSON.stringify(answer.checks),
      list_version: rulesVersion,
      policy_id: policy.id,
      policy_number: policy.version,
      commitment: commitmentOf(question),
      created_at: question.at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return
  const data = {
    ...subjectOf(question),
    ...about,
    action: question.action,
    checks: answer.checks,
    listVersion: String(rulesVersion),
    policyVersion: policy.version,
  }
  await append(
    trx,
    nextStep(emptyTrail, { object: { type: 'decision', id, appId }, principal, type: 'decision.refused', at, data }),
  )
}

/** What a refusal tells: the rules that were not satisfied and what would satisfy them, and the versions they were asked in. */
export const refusalOf = ({ id, answer, rulesVersion, policy }: NewDecision) => ({
  decisionId: id,
  checks: answer.checks.filter(({ outcome }) => outcome !== 'allow'),
  listVersion: String(rulesVersion),
  policyVersion: policy.version,
})

/** The error of a refusal. */
export const refusedByCompliance = (decision: NewDecision): DomainError =>
  new DomainError(
    'REFUSED_BY_COMPLIANCE',
    decision.answer.checks.find(({ outcome }) => outcome === 'deny')!.message,
    refusalOf(decision),
  )
