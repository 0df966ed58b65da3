import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { listEntryColumns } from './list-entry-of.ts'
import type { KnownList } from './list-of.ts'
import { beginListVersion, changedIn } from './next-list-version.ts'
import type { Standing } from './standing-entry.ts'
import { type Because, strike } from './strike.ts'

/**
 * An entry by its id, of what is on a list now or was taken off since its contents were published, and that list.
 *
 * @throws NOT_FOUND
 */
export async function entryOfList(
  trx: Kysely<Database>,
  appId: string,
  entryId: string,
): Promise<{ list: KnownList; entry: Standing }> {
  const row = await trx
    .selectFrom('list_entry')
    .innerJoin('list', (join) =>
      join.onRef('list.id', '=', 'list_entry.list_id').onRef('list.snapshot_id', '=', 'list_entry.snapshot_id'),
    )
    .select([...listEntryColumns, 'list_entry.version', 'list_entry.audit_head'])
    .select(['list.id as list_id', 'list.name', 'list.kind', 'list.snapshot_id', 'list.changed_in'])
    .select('list.created_at as list_created_at')
    .where('list_entry.id', '=', entryId)
    .where('list_entry.app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('list entry')
  const { list_id: id, name, kind, snapshot_id, changed_in, list_created_at: created_at, ...entry } = row
  return { list: { id, name, kind, snapshot_id, changed_in, created_at }, entry }
}

/** Takes an entry off its list, in a new version of the lists. Answers with the time. */
export async function takeOff(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  principal: Principal,
  { appId, list, entry, because }: { appId: string; list: KnownList; entry: Standing; because: Because },
): Promise<Date> {
  const moment = await beginListVersion(trx, appId, clock.now())
  await changedIn(trx, list.id, moment)
  await strike(trx, principal, { appId, list, entry, because }, moment)
  return moment.at
}
