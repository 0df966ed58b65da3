import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import type { KnownEntry } from './list-entry-of.ts'
import type { KnownList } from './list-of.ts'
import type { ListVersion } from './next-list-version.ts'
import { covers, type Period } from './period.ts'
import type { Standing } from './standing-entry.ts'
import { strike } from './strike.ts'

/** Somebody who is to be on a list. */
export interface NewEntry extends Period {
  subject: string
  reason: string
  source: string
}

/**
 * Whether a new entry would change nothing, because the one that is there counts whenever it would.
 *
 * @throws ALREADY_LISTED if the one that is there counts when the new one does not: it is not cut short by the way
 */
export function isCovered(standing: Standing, entry: NewEntry, now: Date): boolean {
  const period = { validFrom: standing.valid_from, validUntil: standing.valid_until }
  if (covers(period, entry, now)) return true
  if (covers(entry, period, now)) return false
  throw new DomainError(
    'ALREADY_LISTED',
    `${entry.subject} is on the list already, for a period that goes beyond this one. Add it for a period that holds both, or have the entry removed first.`,
    { entryId: standing.id, validFrom: standing.valid_from, validUntil: standing.valid_until },
  )
}

/** What is to be written: in place of the entry that stands there, if one does; and by whose approval, if it took one. */
interface Put {
  appId: string
  list: KnownList
  entry: NewEntry
  standing: Standing | undefined
  approvalId?: string
}

/** Writes an entry, its audit leaf and event. */
export async function putOn(
  trx: Kysely<Database>,
  principal: Principal,
  { appId, list, entry, standing, approvalId }: Put,
  moment: ListVersion,
): Promise<KnownEntry> {
  const id = randomUUID()
  const { version, at } = moment
  if (standing) await strike(trx, principal, { appId, list, entry: standing, because: { replacedBy: id } }, moment)
  const { subject, reason, source, validFrom, validUntil } = entry
  const step = nextStep(emptyTrail, {
    object: { type: 'list_entry', id, appId },
    principal,
    type: 'list_entry.added',
    at,
    data: {
      ...(approvalId && { approval: approvalId }),
      kind: list.kind,
      list: list.name,
      listVersion: String(version),
      reason,
      source,
      subject,
      validFrom: validFrom?.toISOString() ?? null,
      validUntil: validUntil?.toISOString() ?? null,
    },
  })
  const row = { id, subject, reason, source, valid_from: validFrom, valid_until: validUntil, created_at: at }
  await trx
    .insertInto('list_entry')
    .values({ ...row, app_id: appId, list_id: list.id, snapshot_id: list.snapshot_id, imported: false, ...step.head })
    .execute()
  await append(trx, step)
  return { ...row, removed_at: null }
}
