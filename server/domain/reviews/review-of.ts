import type { ReviewRow } from '../../../db/schema.ts'
import type { Review } from '../../contract/policies.ts'

export const reviewColumns = [
  'id',
  'payment_id',
  'decision_id',
  'state',
  'requested_by',
  'assigned_to',
  'decided_by',
  'note',
  'created_at',
  'expires_at',
  'decided_at',
] as const

export const reviewOf = (row: Pick<ReviewRow, (typeof reviewColumns)[number]>): Review => ({
  id: row.id,
  paymentId: row.payment_id,
  decisionId: row.decision_id,
  state: row.state,
  requestedBy: row.requested_by,
  assignedTo: row.assigned_to,
  decidedBy: row.decided_by,
  note: row.note,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  decidedAt: row.decided_at,
})
