import { type RawBuilder, sql } from 'kysely'
import type { DecisionRow, TransactionRow } from '../../../db/schema.ts'
import type { Refusal } from '../../contract/entities.ts'
import { checksOf } from './decision-of.ts'
import type { NewDecision } from './refusal.ts'

/** The decision that refused a transaction, as JSON. */
export interface RefusalRecord extends Pick<DecisionRow, 'id' | 'checks' | 'policy_number'> {
  list_version: string
}

/** What compliance found, as {@link refusedBy} reads it once the decision is stored. */
export const refusalRecord = ({ id, answer, policy, rulesVersion }: NewDecision): RefusalRecord => ({
  id,
  checks: answer.checks,
  list_version: String(rulesVersion),
  policy_number: policy.version,
})

/** The id of the refusal that a transaction has after a move, if it is stored: that of {@link refusalRecord} is only about to be. */
export const storedRefusal = (moved: Pick<TransactionRow, 'refusal_id'>, { refusal }: { refusal?: RefusalRecord }) =>
  refusal ? null : moved.refusal_id

/** What a transaction knows of why it failed. */
export type Refused = Pick<TransactionRow, 'failure_reason' | 'failure_message'> & { refusal: RefusalRecord | null }

/** SQL: the decision of this id as the JSON that {@link failureOf} reads. */
export const refusedBy = (id: RawBuilder<unknown>) => sql<RefusalRecord | null>`(
    select jsonb_build_object('id', id, 'checks', checks, 'list_version', list_version::text, 'policy_number', policy_number)
    from decision where decision.id = ${id})`

/** Why something failed, was refused or needs attention, and what compliance found if that is why; null where nothing did. */
export function failureOf({
  failure_reason: reason,
  failure_message: message,
  refusal,
}: Refused): { reason: string; message: string; refusal: Refusal | null } | null {
  if (reason === null) return null
  return { reason, message: message ?? '', refusal: refusal && refusalOf(refusal) }
}

const refusalOf = ({ id, checks, list_version, policy_number }: RefusalRecord): Refusal => ({
  decisionId: id,
  checks: checksOf(checks).filter(({ outcome }) => outcome !== 'allow'),
  listVersion: BigInt(list_version),
  policyVersion: policy_number ?? 0,
})
