import type { ListPreview } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { readPreview } from './import-of.ts'
import { listNamed } from './list-of.ts'
import type { NewEntry } from './put-on.ts'
import { finishStaging, openImport } from './stage-import.ts'
import { type Staging, writeRows } from './write-rows.ts'

/** New contents of a list, all of them. */
export interface ListImportInput {
  list: string
  /** Of the import, and of the entries that do not say theirs. */
  source: string
  entries: (Omit<NewEntry, 'source'> & { source?: string | undefined })[]
  idempotencyKey: string
}

/**
 * Stages new contents of a list: everything that is to be on it, in place of everything that is. Nothing changes before they are
 * published. Answers with what would change.
 *
 * @throws NOT_FOUND, IDEMPOTENCY_MISMATCH, CONFLICT if the list does not keep still
 */
export async function importList(
  services: Services,
  principal: AppPrincipal,
  input: ListImportInput,
): Promise<ListPreview & { replayed: boolean }> {
  const { appId } = principal
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'lists.import', { ...input }),
    async (trx, importId) => {
      const list = await listNamed(trx, appId, input.list)
      const staging = { id: importId, appId, listId: list.id, createdAt: services.clock.now() }
      await openImport(trx, principal, staging, input.source)
      const entries = input.entries.map((entry) => ({ ...entry, source: entry.source ?? input.source }))
      await writeRows(trx, staging, entries)
    },
  )
  const staging = await stagingOf(services, appId, id)
  // an earlier call may have ended between the two commits
  if (staging) await finishStaging(services, principal, staging, { rows: input.entries.length, skipped: 0 })
  return { ...(await readPreview(services.db, appId, id)), replayed }
}

async function stagingOf({ db }: Pick<Services, 'db'>, appId: string, id: string): Promise<Staging | null> {
  const row = await db
    .selectFrom('list_import')
    .select(['list_id', 'created_at'])
    .where('id', '=', id)
    .where('state', '=', 'staging')
    .executeTakeFirst()
  return row ? { id, appId, listId: row.list_id, createdAt: row.created_at } : null
}
