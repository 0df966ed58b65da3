import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { CountedEntry } from '../../contract/explanations.ts'

/** Whom an app's lists had in a version of its rules. */
export interface VersionQuestion {
  appId: string
  rulesVersion: bigint
  /** When that version was read; counts for what no record names a version of. */
  at: Date
  subjects: readonly string[]
}

/**
 * Reads which entries an app's lists had for some subjects in a version of its rules, whenever they count: nothing that was on a list is
 * rewritten, and the trail of each entry names the versions in which it came and went.
 */
export async function listedInVersion(db: Kysely<Database>, question: VersionQuestion): Promise<CountedEntry[]> {
  const { appId, rulesVersion } = question
  const [lists, imports] = await Promise.all([
    db.selectFrom('list').select(['id', 'name', 'kind']).where('app_id', '=', appId).execute(),
    db
      .selectFrom('list_import')
      .select(['id', 'list_id', 'hash', 'published_in'])
      .where('app_id', '=', appId)
      .where('state', '=', 'published')
      .where('published_in', '<=', rulesVersion)
      .execute(),
  ])
  const contents = new Map(
    lists.map((list) => {
      const last = imports
        .filter(({ list_id }) => list_id === list.id)
        .reduce<(typeof imports)[number] | null>(
          (latest, one) => (latest && latest.published_in! > one.published_in! ? latest : one),
          null,
        )
      return [last?.id ?? list.id, { list, last }]
    }),
  )
  const entries = await entriesOf(db, [...contents.keys()], question.subjects)
  const versions = await versionsOf(
    db,
    entries.map(({ id }) => id),
  )
  return entries
    .filter((entry) => {
      const { added, removed } = versions.get(entry.id) ?? {}
      const came = entry.imported || (added === undefined ? entry.created_at <= question.at : added <= rulesVersion)
      const left =
        entry.removed_at !== null && (removed === undefined ? entry.removed_at <= question.at : removed <= rulesVersion)
      return came && !left
    })
    .map((entry) => {
      const { list, last } = contents.get(entry.snapshot_id)!
      return {
        id: entry.id,
        list: list.name,
        kind: list.kind,
        subject: entry.subject,
        reason: entry.reason,
        source: entry.source,
        validFrom: entry.valid_from,
        validUntil: entry.valid_until,
        createdAt: entry.created_at,
        removedAt: entry.removed_at,
        import: entry.imported && last ? { id: last.id, hash: last.hash!.toString('hex') } : null,
      }
    })
}

/** What snapshots ever had of some subjects: what stands still, and what was removed, each by its own index. */
async function entriesOf(db: Kysely<Database>, snapshots: readonly string[], subjects: readonly string[]) {
  if (snapshots.length === 0 || subjects.length === 0) return []
  const entries = db
    .selectFrom('list_entry')
    .select(['id', 'snapshot_id', 'subject', 'reason', 'source', 'valid_from', 'valid_until', 'imported'])
    .select(['created_at', 'removed_at'])
    .where('snapshot_id', 'in', snapshots)
    .where('subject', 'in', subjects)
  const [standing, gone] = await Promise.all([
    entries.where('removed_at', 'is', null).execute(),
    entries.where('removed_at', 'is not', null).execute(),
  ])
  return [...standing, ...gone].toSorted(
    (a, b) => a.created_at.getTime() - b.created_at.getTime() || (a.id < b.id ? -1 : 1),
  )
}

/** The versions in which entries came and went, as their trails say. */
async function versionsOf(
  db: Kysely<Database>,
  entryIds: readonly string[],
): Promise<Map<string, { added?: bigint; removed?: bigint }>> {
  const versions = new Map<string, { added?: bigint; removed?: bigint }>()
  if (entryIds.length === 0) return versions
  const leaves = await db.selectFrom('audit').select(['stream', 'body']).where('stream', 'in', entryIds).execute()
  for (const { stream, body } of leaves) {
    const { action, data } = JSON.parse(body.toString())
    if (data.listVersion === undefined) continue
    const moment = action === 'list_entry.added' ? 'added' : 'removed'
    versions.set(stream, { ...versions.get(stream), [moment]: BigInt(data.listVersion) })
  }
  return versions
}
