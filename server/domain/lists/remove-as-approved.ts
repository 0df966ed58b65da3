import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { ListRemoval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { DomainError } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import type { KnownList } from './list-of.ts'
import type { Standing } from './standing-entry.ts'
import { entryOfList, takeOff } from './take-off.ts'

/**
 * The entry that is to be removed, and its list.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE
 */
export async function removalFrom(
  trx: Kysely<Database>,
  { appId, action: { entryId } }: Asked<ListRemoval>,
): Promise<{ list: KnownList; entry: Standing }> {
  const { list, entry } = await entryOfList(trx, appId, entryId)
  if (entry.removed_at)
    throw new DomainError('NOTHING_TO_CHANGE', `This entry was taken off the list "${list.name}" before.`, {
      removedAt: entry.removed_at,
    })
  return { list, entry }
}

/** Takes an entry off its list in the commit of its approval. @throws NOT_FOUND, NOTHING_TO_CHANGE */
export async function removeAsApproved(
  trx: Kysely<Database>,
  services: Pick<Services, 'clock'>,
  approver: Principal,
  asked: Asked<ListRemoval>,
): Promise<void> {
  const { appId, approvalId } = asked
  const found = await removalFrom(trx, asked)
  await takeOff(trx, services, approver, { appId, ...found, because: { approval: approvalId } })
}
