import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { ListChange, ListRemoval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import type { AppPrincipal } from '../principal.ts'
import { listEntryOf } from './list-entry-of.ts'
import { isLaxer } from './list-of.ts'
import { changingLists } from './next-list-version.ts'
import { entryOfList, takeOff } from './take-off.ts'

/** Which entry is to go, and why. */
export interface ListRemovalInput {
  entryId: string
  reason: string
  /** For what is asked for; without one, each call asks anew. */
  idempotencyKey?: string | undefined
}

/**
 * Takes an entry off its list; the entry itself is kept. Off an allow list it is at once; off a deny or sanctions list when somebody
 * else has approved it. Removing a removed one answers with it.
 *
 * @throws NOT_FOUND also for one that an import has replaced, IDEMPOTENCY_MISMATCH
 */
export async function removeListEntry(
  services: Services,
  principal: AppPrincipal,
  { entryId, reason, idempotencyKey = randomUUID() }: ListRemovalInput,
): Promise<ListChange> {
  const { appId } = principal
  const change = await transaction(
    services.db,
    async (trx): Promise<Extract<ListChange, { status: 'done' }> | ListRemoval> => {
      const { list, entry } = await entryOfList(trx, appId, entryId)
      if (!entry.removed_at && isLaxer('remove', list.kind))
        return { type: 'list.remove', list: list.name, entryId, subject: entry.subject }
      const because = { reason }
      const removed_at = entry.removed_at ?? (await takeOff(trx, services, principal, { appId, list, entry, because }))
      return { status: 'done', entry: listEntryOf(list, { ...entry, removed_at }) }
    },
    changingLists,
  )
  if ('status' in change) return change
  const request = { appId, action: change, reason, idempotencyKey }
  return { status: 'requested', approval: await requestApproval(services, principal, request, 'lists.remove') }
}
