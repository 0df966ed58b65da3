import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { KeyPrincipal, UserPrincipal } from '../principal.ts'
import { approvalColumns, approvalOf, approvalsOf } from './approval-of.ts'

/** @throws NOT_FOUND */
export async function getApproval(
  { db }: Pick<Services, 'db'>,
  principal: UserPrincipal | KeyPrincipal,
  { approvalId }: { approvalId: string },
): Promise<Approval> {
  const row = await approvalsOf(db, principal).select(approvalColumns).where('id', '=', approvalId).executeTakeFirst()
  if (!row) throw notFound('approval')
  return approvalOf(row)
}
