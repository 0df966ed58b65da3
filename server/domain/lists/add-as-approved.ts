import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { ListAddition } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { DomainError } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { type KnownList, listNamed } from './list-of.ts'
import { beginListVersion, changedIn } from './next-list-version.ts'
import { isCovered, type NewEntry, putOn } from './put-on.ts'
import { type Standing, standingOn } from './standing-entry.ts'

/**
 * What would be put on which list, in place of what.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE, ALREADY_LISTED
 */
export async function additionTo(
  trx: Kysely<Database>,
  { appId, action }: Asked<ListAddition>,
  { clock }: Pick<Services, 'clock'>,
): Promise<{ list: KnownList; entry: NewEntry; standing: Standing | undefined }> {
  const list = await listNamed(trx, appId, action.list)
  const entry: NewEntry = {
    subject: action.subject,
    reason: action.reason,
    source: action.source,
    validFrom: action.validFrom === null ? null : new Date(action.validFrom),
    validUntil: action.validUntil === null ? null : new Date(action.validUntil),
  }
  const standing = await standingOn(trx, list, entry.subject)
  if (standing && isCovered(standing, entry, clock.now()))
    throw new DomainError(
      'NOTHING_TO_CHANGE',
      `${entry.subject} is on the list "${list.name}" already for that time.`,
      {
        entryId: standing.id,
      },
    )
  return { list, entry, standing }
}

/** Puts somebody on a list in the commit of its approval. @throws NOT_FOUND, NOTHING_TO_CHANGE, ALREADY_LISTED */
export async function addAsApproved(
  trx: Kysely<Database>,
  services: Pick<Services, 'clock'>,
  approver: Principal,
  asked: Asked<ListAddition>,
): Promise<void> {
  const { appId, approvalId } = asked
  const { list, entry, standing } = await additionTo(trx, asked, services)
  const moment = await beginListVersion(trx, appId, services.clock.now())
  await changedIn(trx, list.id, moment)
  await putOn(trx, approver, { appId, list, entry, standing, approvalId }, moment)
}
