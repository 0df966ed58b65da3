import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { ListAddition, ListChange } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import type { AppPrincipal } from '../principal.ts'
import { insertList } from './create-list.ts'
import { listEntryOf } from './list-entry-of.ts'
import { findList, isLaxer } from './list-of.ts'
import { beginListVersion, changedIn, changingLists } from './next-list-version.ts'
import type { Period } from './period.ts'
import { isCovered, type NewEntry, putOn } from './put-on.ts'
import { standingOn } from './standing-entry.ts'
import { expectKnown, type SubjectInput, subjectOf } from './subject.ts'

/** Who is to be put on which list, and why. */
export interface ListEntryInput extends SubjectInput, Period {
  list: string
  reason: string
  source: string
  /** For what is asked for; without one, each call asks anew. */
  idempotencyKey?: string | undefined
}

/**
 * Puts somebody on a list of the app; on a new deny list if there is none of this name.
 *
 * On a deny or sanctions list they are at once: from this commit on no payment from or to them is accepted, and none that waits is
 * submitted. On an allow list they are when somebody else has approved it. An entry that counts whenever the new one would is kept and
 * answered with; one that counts only when the new one would is replaced by it.
 *
 * @throws NOT_FOUND for a wallet or user who is not the app's, ALREADY_LISTED (details: `entryId`, `validFrom`, `validUntil`),
 *   IDEMPOTENCY_MISMATCH
 */
export async function addListEntry(
  services: Services,
  principal: AppPrincipal,
  input: ListEntryInput,
): Promise<ListChange> {
  const { list: name, reason, source, validFrom, validUntil, idempotencyKey = randomUUID() } = input
  const { appId } = principal
  const entry: NewEntry = { subject: subjectOf(input), reason, source, validFrom, validUntil }
  const done = await transaction(
    services.db,
    async (trx) => {
      await expectKnown(trx, appId, input)
      const known = await findList(trx, appId, name)
      const standing = known && (await standingOn(trx, known, entry.subject))
      const now = services.clock.now()
      if (known && standing && isCovered(standing, entry, now)) return listEntryOf(known, standing)
      if (known && isLaxer('add', known.kind)) return null

      const moment = await beginListVersion(trx, appId, now)
      const list = known ?? (await insertList(trx, principal, { appId, name, kind: 'deny' }, moment))
      if (known) await changedIn(trx, list.id, moment)
      return listEntryOf(list, await putOn(trx, principal, { appId, list, entry, standing }, moment))
    },
    changingLists,
  )
  if (done) return { status: 'done', entry: done }

  const action: ListAddition = {
    type: 'list.add',
    list: name,
    subject: entry.subject,
    reason,
    source,
    validFrom: validFrom?.toISOString() ?? null,
    validUntil: validUntil?.toISOString() ?? null,
  }
  const approval = await requestApproval(services, principal, { appId, action, reason, idempotencyKey }, 'lists.add')
  return { status: 'requested', approval }
}
