import type { DecisionRow } from '../../../db/schema.ts'
import type { Decision } from '../../contract/entities.ts'

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
  checks: row.checks.map((check) => ({ evidence: null, ...check })),
  listVersion: row.list_version,
  policyVersion: row.policy_number ?? 0,
  commitment: row.commitment?.toString('hex') ?? null,
  createdAt: row.created_at,
})
