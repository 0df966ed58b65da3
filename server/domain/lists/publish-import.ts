import type { RequestedApproval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import type { AppPrincipal } from '../principal.ts'
import { readPreview } from './import-of.ts'
import { importClosed } from './stage-import.ts'

/** Which import is to replace what is on its list, and why. */
export interface PublicationInput {
  importId: string
  reason: string
  idempotencyKey: string
}

/**
 * Asks that an import replace what is on its list. It does when somebody else has approved it; if they refuse, or nobody decides, it
 * is discarded.
 *
 * @throws NOT_FOUND, IMPORT_CLOSED (details: `state`), IMPORT_OUTDATED, IDEMPOTENCY_MISMATCH
 */
export async function publishImport(
  services: Services,
  principal: AppPrincipal,
  { importId, reason, idempotencyKey }: PublicationInput,
): Promise<RequestedApproval> {
  const { appId } = principal
  const { list, state, added, removed, changed, unchanged, hash } = await readPreview(services.db, appId, importId)
  // its numbers never change once it was staged: a repetition asks for the same
  if (state === 'staging' || hash === null) throw importClosed(state)
  const counts = { added: added!, removed: removed!, changed: changed!, unchanged: unchanged! }
  const action = { type: 'list.publish' as const, list, importId, ...counts, hash }
  return requestApproval(services, principal, { appId, action, reason, idempotencyKey }, 'lists.publish')
}
