import type { Kysely } from 'kysely'
import type { ApprovalRow, Database } from '../../../db/schema.ts'
import type { Approval } from '../../contract/entities.ts'
import type { KeyPrincipal, UserPrincipal } from '../principal.ts'

export const approvalColumns = [
  'id',
  'action',
  'reason',
  'state',
  'requested_by',
  'decided_by',
  'note',
  'created_at',
  'expires_at',
  'decided_at',
] as const

/** The approvals that a caller may see: those of their app, or of every app for the platform's operators. */
export function approvalsOf(db: Kysely<Database>, { appId }: UserPrincipal | KeyPrincipal) {
  const approvals = db.selectFrom('approval')
  return appId === null ? approvals : approvals.where('app_id', '=', appId)
}

/** An approval as its clients see it. */
export const approvalOf = (row: Pick<ApprovalRow, (typeof approvalColumns)[number]>): Approval => ({
  id: row.id,
  // it was checked when it was stored, and never changes
  action: row.action as Approval['action'],
  reason: row.reason,
  state: row.state,
  requestedBy: row.requested_by,
  decidedBy: row.decided_by,
  note: row.note,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  decidedAt: row.decided_at,
})
