import type { Approval, ApprovalState, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { approvalColumns, approvalOf } from './approval-of.ts'

/** Lists the approvals of an app, newest first. */
export function listApprovals(
  services: Services,
  { appId, state, ...request }: PageRequest & { appId: string; state?: ApprovalState | undefined },
): Promise<Page<Approval>> {
  let query = services.db.selectFrom('approval').select(approvalColumns).where('app_id', '=', appId)
  if (state) query = query.where('state', '=', state)
  return page(query, 'approval', request, approvalOf)
}
