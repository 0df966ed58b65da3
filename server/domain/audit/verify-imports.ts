import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database, ListRow } from '../../../db/schema.ts'
import { contentOf, recordOf } from '../lists/compare.ts'
import { BATCH, oneAtATime, readInBatches } from './read-in-batches.ts'
import type { LogFault } from './verify-log.ts'

/** What a verification of the imported lists found. */
export interface ImportReport {
  /** That were staged, and did not come to nothing. */
  imports: number
  entries: number
  faults: LogFault[]
}

/** Hashes that are held at a time, at some fifty bytes each; a longer import is read more than once. */
const HELD = 1_000_000

/**
 * Recomputes the hash of every import from its entries, and compares it with the one in the trail of its list; and that what is on a
 * list is what its trail says was published last. The trails themselves are for their own verification.
 */
export async function verifyImportsIn(db: Kysely<Database>, held = HELD): Promise<ImportReport> {
  const one = oneAtATime()
  const report: ImportReport = { imports: 0, entries: 0, faults: [] }
  const faulty = (where: string, fault: string) => report.faults.push({ where, fault })
  const lists = readInBatches<Standing>((after) => one(() => readLists(db, after)))
  for await (const rows of lists)
    for (const list of rows) {
      const said = await saidOf(db, one, list.id)
      if (list.snapshot_id !== (said.published ?? list.id))
        faulty(`list ${list.id}`, 'what is on it is not what its trail says was published last')
      for (const [id, staged] of said.staged) {
        const where = `import ${id}`
        const found = await hashEntries(db, one, id, held)
        report.imports++
        report.entries += found.entries
        if (found.hash !== staged.hash)
          faulty(where, `its ${found.entries} entries do not have the hash of the ${staged.entries} that were staged`)
        for (const entry of found.moved) faulty(`entry ${entry}`, 'whether it is removed is not what its trail says')
        const row = await one(() => readImport(db, id))
        if (
          row?.hash?.toString('hex') !== staged.hash ||
          (row?.state === 'published') !== (staged.isPublished ?? false)
        )
          faulty(where, 'its row does not say what the trail of its list says')
      }
    }
  for (const id of await readUnvouched(db)) faulty(`entry ${id}`, 'it has no trail, and no import speaks for it')
  return report
}

type Standing = Pick<ListRow, 'id' | 'snapshot_id'>
type OneAtATime = ReturnType<typeof oneAtATime>

const readLists = (db: Kysely<Database>, after: Standing | null): Promise<Standing[]> =>
  db
    .selectFrom('list')
    .select(['id', 'snapshot_id'])
    .$if(after !== null, (query) => query.where('id', '>', after!.id))
    .orderBy('id')
    .limit(BATCH)
    .execute()

/** What the trail of a list says of its imports. */
interface Said {
  /** The import that was published last. */
  published: string | null
  /** By the id of each import that did not come to nothing. */
  staged: Map<string, { hash: unknown; entries: unknown; isPublished?: boolean }>
}

async function saidOf(db: Kysely<Database>, one: OneAtATime, listId: string): Promise<Said> {
  const said: Said = { published: null, staged: new Map() }
  const leaves = readInBatches<{ sequence: bigint; body: Buffer }>((after) =>
    one(() =>
      db
        .selectFrom('audit')
        .select(['sequence', 'body'])
        .where('stream', '=', listId)
        .where('sequence', '>', after?.sequence ?? 0n)
        .orderBy('sequence')
        .limit(BATCH)
        .execute(),
    ),
  )
  for await (const rows of leaves)
    for (const { body } of rows) {
      const { action, data } = claimsOf(body)
      const id = String(data.import)
      if (action === 'list.import_staged') said.staged.set(id, { hash: data.hash, entries: data.entries })
      if (action === 'list.import_discarded' || action === 'list.import_expired') said.staged.delete(id)
      if (action !== 'list.published') continue
      said.published = id
      const staged = said.staged.get(id)
      if (staged) staged.isPublished = true
    }
  return said
}

/** What a leaf says. One that was tampered with may say anything: that is found where trails are verified. */
function claimsOf(body: Buffer): { action?: unknown; data: Record<string, unknown> } {
  try {
    const { action, data } = JSON.parse(body.toString())
    return { action, data: Object(data) }
  } catch {
    return { data: {} }
  }
}

/** The hash of an import as it was made: SHA-256 of the SHA-256 hashes of its entries, sorted. `moved`: entries whose removal is untold. */
async function hashEntries(db: Kysely<Database>, one: OneAtATime, importId: string, held: number) {
  const { count } = await one(() =>
    db
      .selectFrom('list_entry')
      .select((of) => of.fn.countAll<bigint>().as('count'))
      .where('snapshot_id', '=', importId)
      .where('imported', '=', true)
      .executeTakeFirstOrThrow(),
  )
  const entries = Number(count)
  const rounds = Math.max(1, Math.ceil(entries / held))
  const digest = createHash('sha256')
  const moved: string[] = []
  for (let round = 0; round < rounds; round++) {
    const hashes: string[] = []
    for await (const rows of readInBatches<Entry>((after) => one(() => readEntries(db, importId, after))))
      for (const row of rows) {
        const hash = createHash('sha256')
          .update(contentOf(recordOf(row)))
          .digest()
        // the hashes of a round come before those of the next
        if (Math.floor((hash.readUInt32BE() * rounds) / 2 ** 32) === round) hashes.push(hash.toString('binary'))
        if (round === 0 && (row.version === 0n) !== (row.removed_at === null)) moved.push(row.id)
      }
    for (const hash of hashes.sort()) digest.update(hash, 'binary')
  }
  return { entries, hash: digest.digest('hex'), moved }
}

type Entry = Awaited<ReturnType<typeof readEntries>>[number]

const readEntries = (db: Kysely<Database>, importId: string, after: { created: string; id: string } | null) =>
  db
    .selectFrom('list_entry')
    .select(['id', 'subject', 'reason', 'source', 'valid_from', 'valid_until', 'removed_at', 'version'])
    // to the microsecond, so that no time that was tampered with leads round in a circle
    .select(sql<string>`created_at::text`.as('created'))
    .where('snapshot_id', '=', importId)
    .where('imported', '=', true)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) > (${after!.created}::timestamptz, ${after!.id})`),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(BATCH)
    .execute()

const readImport = (db: Kysely<Database>, id: string) =>
  db.selectFrom('list_import').select(['hash', 'state']).where('id', '=', id).executeTakeFirst()

/** Entries on lists that neither a trail of their own nor an import speaks for: the first hundred. */
async function readUnvouched(db: Kysely<Database>): Promise<string[]> {
  const rows = await db
    .selectFrom('list_entry')
    .leftJoin('list_import', 'list_import.id', 'list_entry.snapshot_id')
    .select('list_entry.id')
    .where('list_entry.version', '=', 0n)
    .where(({ or, eb }) => or([eb('list_entry.imported', '=', false), eb('list_import.id', 'is', null)]))
    .orderBy('list_entry.id')
    .limit(100)
    .execute()
  return rows.map(({ id }) => id)
}
