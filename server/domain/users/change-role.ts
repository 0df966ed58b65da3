import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Database, UserRow } from '../../../db/schema.ts'
import type { RoleChange } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'

/**
 * The roles that a user would have after a change, sorted, and where their trail stands.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE, LAST_OPERATOR
 */
export async function rolesAfter(
  trx: Kysely<Database>,
  { appId, action: { type, userId, role } }: Asked<RoleChange>,
): Promise<Pick<UserRow, 'roles' | 'version' | 'audit_head'>> {
  const user = await trx
    .selectFrom('app_user')
    .select(['roles', 'version', 'audit_head'])
    .where('id', '=', userId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!user) throw notFound('user')
  const roles = new Set(user.roles)
  if (roles.has(role) === (type === 'role.grant'))
    throw new DomainError(
      'NOTHING_TO_CHANGE',
      type === 'role.grant' ? `This user has the role ${role} already.` : `This user does not have the role ${role}.`,
      { roles: user.roles },
    )
  if (type === 'role.grant') roles.add(role)
  else roles.delete(role)
  if (type === 'role.revoke' && role === 'operator' && !(await hasAnotherOperator(trx, appId, userId)))
    throw new DomainError(
      'LAST_OPERATOR',
      'This user is the only operator of the app, and an app keeps one. Grant the role to somebody else first.',
    )
  return { ...user, roles: [...roles].sort() }
}

/** Read in the commit of the change: of two operators who lose the role at a time, one keeps it. */
const hasAnotherOperator = async (trx: Kysely<Database>, appId: string, userId: string): Promise<boolean> =>
  (await trx
    .selectFrom('app_user')
    .select('id')
    .where('app_id', '=', appId)
    .where('id', '<>', userId)
    .where(sql<boolean>`'operator' = any(roles)`)
    .limit(1)
    .executeTakeFirst()) !== undefined

/**
 * Gives a user a role or takes one, in the commit of its approval. It bites with that commit: roles are read anew for each call.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE, LAST_OPERATOR
 */
export async function changeRole(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  approver: Principal,
  asked: Asked<RoleChange>,
): Promise<void> {
  const { approvalId, appId, action } = asked
  const { roles, ...head } = await rolesAfter(trx, asked)
  const change = action.type === 'role.grant' ? 'granted' : 'revoked'
  const step = nextStep(head, {
    object: { type: 'user', id: action.userId, appId },
    principal: approver,
    type: 'user.roles_changed',
    at: clock.now(),
    data: { approval: approvalId, change, role: action.role, roles },
  })
  await trx
    .updateTable('app_user')
    .set({ roles, ...step.head })
    .where('id', '=', action.userId)
    .execute()
  await append(trx, step)
}
