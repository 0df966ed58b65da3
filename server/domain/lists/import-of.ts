import type { Kysely } from 'kysely'
import type { Database, ListImportRow, SampleRecord, SamplesRecord } from '../../../db/schema.ts'
import type { ListImport, ListPreview, ListSample } from '../../contract/entities.ts'
import { notFound } from '../domain-error.ts'

export const importColumns = [
  'list_import.id',
  'list_import.state',
  'list_import.source',
  'list_import.staged_by',
  'list_import.entries',
  'list_import.duplicates',
  'list_import.skipped',
  'list_import.added',
  'list_import.removed',
  'list_import.changed',
  'list_import.unchanged',
  'list_import.hash',
  'list_import.created_at',
  'list_import.expires_at',
  'list_import.published_at',
] as const

type Columns = 'id' | 'state' | 'source' | 'staged_by' | 'entries' | 'duplicates' | 'skipped' | 'added' | 'removed'
type MoreColumns = 'changed' | 'unchanged' | 'hash' | 'created_at' | 'expires_at' | 'published_at'

/** An import of the list of this name. */
export type KnownImport = Pick<ListImportRow, Columns | MoreColumns> & { list: string }

/** An import as its clients see it. */
export const importOf = (row: KnownImport): ListImport => ({
  id: row.id,
  list: row.list,
  state: row.state,
  source: row.source,
  stagedBy: row.staged_by,
  entries: row.entries,
  duplicates: row.duplicates,
  skipped: row.skipped,
  added: row.added,
  removed: row.removed,
  changed: row.changed,
  unchanged: row.unchanged,
  hash: row.hash?.toString('hex') ?? null,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  publishedAt: row.published_at,
})

/** The imports of an app with the names of their lists. */
export const importsOf = (db: Kysely<Database>, appId: string) =>
  db
    .selectFrom('list_import')
    .innerJoin('list', 'list.id', 'list_import.list_id')
    .select(importColumns)
    .select('list.name as list')
    .where('list_import.app_id', '=', appId)

/** Reads an import with its samples. @throws NOT_FOUND */
export async function readPreview(db: Kysely<Database>, appId: string, importId: string): Promise<ListPreview> {
  const row = await importsOf(db, appId)
    .select('list_import.samples')
    .where('list_import.id', '=', importId)
    .executeTakeFirst()
  if (!row) throw notFound('import')
  return { ...importOf(row), samples: samplesOf(row.samples) }
}

const samplesOf = (stored: SamplesRecord | null): ListPreview['samples'] => ({
  added: stored?.added.map(sampleOf) ?? [],
  removed: stored?.removed.map(sampleOf) ?? [],
  changed: stored?.changed.map(sampleOf) ?? [],
  unchanged: stored?.unchanged.map(sampleOf) ?? [],
})

const dateOf = (text: string | null) => (text === null ? null : new Date(text))
const sampleOf = ({ subject, reason, source, validFrom, validUntil }: SampleRecord): ListSample => ({
  subject,
  reason,
  source,
  validFrom: dateOf(validFrom),
  validUntil: dateOf(validUntil),
})
