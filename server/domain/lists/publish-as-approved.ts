import type { Kysely } from 'kysely'
import type { Database, ListImportRow, ListRow } from '../../../db/schema.ts'
import type { ListPublication } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'
import { beginListVersion } from './next-list-version.ts'
import { importClosed } from './stage-import.ts'

type Publishable = Pick<ListImportRow, 'state' | 'compared_in' | 'source' | 'entries'> &
  Pick<ListRow, 'name' | 'kind' | 'changed_in' | 'version' | 'audit_head'> & { list_id: string }

/**
 * An import as it is to be published, and its list.
 *
 * @throws NOT_FOUND, IMPORT_CLOSED (details: `state`), IMPORT_OUTDATED
 */
export async function publicationOf(
  trx: Kysely<Database>,
  { appId, action: { importId } }: Asked<ListPublication>,
): Promise<Publishable> {
  const row = await trx
    .selectFrom('list_import')
    .innerJoin('list', 'list.id', 'list_import.list_id')
    .select(['list_import.state', 'list_import.compared_in', 'list_import.source', 'list_import.entries'])
    .select(['list.id as list_id', 'list.name', 'list.kind', 'list.changed_in', 'list.version', 'list.audit_head'])
    .where('list_import.id', '=', importId)
    .where('list_import.app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('import')
  if (row.state !== 'staged') throw importClosed(row.state)
  if (row.changed_in !== row.compared_in)
    throw new DomainError(
      'IMPORT_OUTDATED',
      `The list "${row.name}" has changed since this import was compared with it, so that it would change something else than was shown. Discard it and import again.`,
    )
  return row
}

/**
 * Has an import replace what is on its list, in the commit of its approval: however many entries it has, a few rows are written.
 *
 * @throws NOT_FOUND, IMPORT_CLOSED (details: `state`), IMPORT_OUTDATED
 */
export async function publishAsApproved(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  approver: Principal,
  asked: Asked<ListPublication>,
): Promise<void> {
  const { appId, approvalId, action } = asked
  const { importId, added, removed, changed, unchanged, hash } = action
  const { list_id: listId, name, kind, source, entries, ...head } = await publicationOf(trx, asked)
  const { version, at } = await beginListVersion(trx, appId, clock.now())
  const step = nextStep(head, {
    object: { type: 'list', id: listId, appId },
    principal: approver,
    type: 'list.published',
    at,
    data: {
      ...{ added, removed, changed, unchanged, entries, hash, kind, name, source },
      approval: approvalId,
      import: importId,
      listVersion: String(version),
    },
  })
  await trx
    .updateTable('list')
    .set({ snapshot_id: importId, changed_in: version, ...step.head })
    .where('id', '=', listId)
    .execute()
  await trx
    .updateTable('list_import')
    .set({ state: 'published', published_at: at, published_in: version })
    .where('id', '=', importId)
    .execute()
  await append(trx, step)
}
