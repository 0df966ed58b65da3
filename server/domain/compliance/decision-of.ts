import type { DecisionRow } from '../../../db/schema.ts'
import type { Check, Decision } from '../../contract/entities.ts'

export const decisionColumns = [
  'id',
  'action',
  'outcome',
  'subject',
  'checks',
  'list_version',
  'policy_number',
  'commitment',
  'created_at',
] as const

export const decisionOf = (row: Pick<DecisionRow, (typeof decisionColumns)[number]>): Decision => ({
  id: row.id,
  action: row.action,
  outcome: row.outcome,
  subject: row.subject,
  checks: checksOf(row.checks),
  listVersion: row.list_version,
  policyVersion: row.policy_number ?? 0,
  commitment: row.commitment?.toString('hex') ?? null,
  createdAt: row.created_at,
})

/** Checks as they were stored, which had no evidence once. */
export const checksOf = (checks: DecisionRow['checks']): Check[] =>
  checks.map((check) => ({ evidence: null, ...check }))
