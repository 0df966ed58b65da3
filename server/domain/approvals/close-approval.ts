import type { Kysely } from 'kysely'
import type { ApprovalRow, Database } from '../../../db/schema.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Clock } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { actorOf, type KeyPrincipal, type UserPrincipal } from '../principal.ts'
import { mayBecome } from '../states.ts'
import { ruleOf } from './actions.ts'
import { approvalColumns, approvalOf, approvalsOf } from './approval-of.ts'
import { isOneOf } from './standing.ts'
import { approvalStates } from './states.ts'

/** A second person's word on a request. */
export interface Verdict {
  to: 'approved' | 'rejected'
  approvalId: string
  note: string | null
  /** See `isAskedByKeyOf`. */
  isAskedByOwnKey: boolean
}

/**
 * Closes an approval with a second person's word, its audit leaf and event. `isNew` is false for what the same person said before:
 * then nothing is written.
 *
 * @throws NOT_FOUND, APPROVAL_CLOSED (details: `state`), NEEDS_ANOTHER_PERSON, FORBIDDEN
 */
export async function closeApproval(
  trx: Kysely<Database>,
  clock: Clock,
  principal: UserPrincipal | KeyPrincipal,
  { to, approvalId, note, isAskedByOwnKey }: Verdict,
): Promise<{ approval: Approval; appId: string; isNew: boolean }> {
  const row = await approvalsOf(trx, principal)
    .select([...approvalColumns, 'app_id', 'version', 'audit_head'])
    .where('id', '=', approvalId)
    .executeTakeFirst()
  if (!row) throw notFound('approval')
  const { app_id: appId, action } = row
  const by = actorOf(principal)
  if (row.state === to && row.decided_by === by) return { approval: approvalOf(row), appId, isNew: false }

  const now = clock.now()
  const step = nextStep(row, {
    object: { type: 'approval', id: approvalId, appId },
    principal,
    type: `approval.${to}`,
    at: now,
    data: { action, note, requestedBy: row.requested_by },
  })
  const closed = await trx
    .updateTable('approval')
    .set({ state: to, decided_by: by, note, decided_at: now, next_attempt_at: null, ...step.head })
    .where('id', '=', approvalId)
    .where('state', '=', 'requested')
    .where('requested_by', '<>', by)
    .where('expires_at', '>', now)
    .returning(approvalColumns)
    .executeTakeFirst()
  if (!closed) throw refusalOf(row, to, now)
  if (isAskedByOwnKey) throw needsAnother()

  const approval = approvalOf(closed)
  const { decidedBy } = ruleOf(approval.action)
  if (!(await isOneOf(trx, decidedBy, { actor: by, appId }, now)))
    throw new DomainError('FORBIDDEN', `${approval.action.type} is for ${decidedBy.join(' and ')} to decide on.`, {
      for: decidedBy,
    })
  await append(trx, step)
  return { approval, appId, isNew: true }
}

/** Why an approval could not be decided on. */
function refusalOf(row: Pick<ApprovalRow, 'state' | 'expires_at'>, to: Verdict['to'], now: Date): DomainError {
  const state = row.state === 'requested' && row.expires_at <= now ? 'expired' : row.state
  return mayBecome(approvalStates, state, to)
    ? needsAnother()
    : new DomainError(
        'APPROVAL_CLOSED',
        `This approval is ${state} and can no longer be decided on. Ask for the action anew if it is still wanted.`,
        { state },
      )
}

const needsAnother = () =>
  new DomainError(
    'NEEDS_ANOTHER_PERSON',
    'You asked for this yourself, or made the key that asked, so somebody else decides on it: another operator of the app, or of the platform.',
  )
