import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import { actorOf, type KeyPrincipal, type UserPrincipal } from '../principal.ts'
import { shardOf } from '../shard.ts'
import { type Action, ruleOf } from './actions.ts'
import { getApproval } from './get-approval.ts'
import { isOneOf } from './standing.ts'

/** A privileged action that somebody asks for. */
export interface ApprovalRequest {
  appId: string
  action: Action
  /** For whoever decides, and for the audit trail. */
  reason: string
  idempotencyKey: string
}

/** Milliseconds after which an undecided approval is void. */
export const APPROVAL_LIFETIME = 24 * 3_600_000

/**
 * Asks for a privileged action. Nothing of it is done before somebody else approves it; undecided, it expires after 24 hours.
 *
 * @param procedure to which the idempotency key belongs
 * @throws FORBIDDEN, IDEMPOTENCY_MISMATCH, and what the action throws if it could not be done now; then nothing was asked for
 */
export async function requestApproval(
  services: Services,
  principal: UserPrincipal | KeyPrincipal,
  input: ApprovalRequest,
  procedure: string,
): Promise<Approval & { replayed: boolean }> {
  const { appId, action, reason } = input
  const { id, replayed } = await once(services, intentionOf(principal, procedure, { ...input }), (trx, approvalId) =>
    insertApproval(trx, services, principal, { approvalId, appId, action, reason }),
  )
  return { ...(await getApproval(services, principal, { approvalId: id })), replayed }
}

/**
 * Writes an approval that somebody asks for, in the commit of what it belongs to.
 *
 * @throws FORBIDDEN, and what the action throws if it could not be done now
 */
export async function insertApproval(
  trx: Kysely<Database>,
  services: Pick<Services, 'clock'>,
  principal: UserPrincipal | KeyPrincipal,
  {
    approvalId,
    appId,
    action,
    reason,
  }: { approvalId: string; reason: string } & Pick<ApprovalRequest, 'appId' | 'action'>,
): Promise<void> {
  const now = services.clock.now()
  const expiresAt = new Date(now.getTime() + APPROVAL_LIFETIME)
  const rule = ruleOf(action)
  if (!(await isOneOf(trx, rule.requestedBy, { actor: actorOf(principal), appId }, now)))
    throw new DomainError('FORBIDDEN', `${action.type} is for ${rule.requestedBy.join(' and ')} to ask for.`, {
      for: rule.requestedBy,
    })
  await rule.check(trx, { approvalId, appId, action }, services)
  const step = nextStep(emptyTrail, {
    object: { type: 'approval', id: approvalId, appId },
    principal,
    type: 'approval.requested',
    at: now,
    data: { action, expiresAt: expiresAt.toISOString(), reason },
  })
  await trx
    .insertInto('approval')
    .values({
      id: approvalId,
      app_id: appId,
      action: JSON.stringify(action),
      reason,
      state: 'requested',
      requested_by: actorOf(principal),
      decided_by: null,
      note: null,
      created_at: now,
      expires_at: expiresAt,
      decided_at: null,
      shard: shardOf(approvalId),
      next_attempt_at: expiresAt,
      attempts: 0,
      ...step.head,
    })
    .execute()
  await append(trx, step)
}
