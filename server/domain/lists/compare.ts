import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database, SampleRecord, SamplesRecord } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'

/** What the contents of an import are, and what they would change. */
export interface Comparison {
  entries: number
  added: number
  removed: number
  changed: number
  unchanged: number
  samples: SamplesRecord
  hash: Buffer
}

/** Rows read at a time. */
const LOT = 5_000

/** Of each kind of change, how many are shown. */
const SHOWN = 100

/**
 * Compares two snapshots of a list, subject by subject, a few thousand at a time: what is not removed of one with what is not removed
 * of the other. An entry is changed if anything but its subject is another.
 */
export async function compare(db: Kysely<Database>, now: string, next: string): Promise<Comparison> {
  const samples: SamplesRecord = { added: [], removed: [], changed: [], unchanged: [] }
  const counts = { added: 0, removed: 0, changed: 0, unchanged: 0 }
  const count = (change: keyof SamplesRecord, entry: SampleRecord) => {
    counts[change]++
    if (samples[change].length < SHOWN) samples[change].push(entry)
  }

  const hashes: string[] = []
  for await (const lot of lotsOf(db, next)) {
    const known = await entriesAmong(db, now, lot)
    for (const entry of lot) {
      const content = contentOf(entry)
      hashes.push(createHash('sha256').update(content).digest('binary'))
      const before = known.get(entry.subject)
      if (!before) count('added', entry)
      else count(contentOf(before) === content ? 'unchanged' : 'changed', entry)
    }
  }

  const gone = (await size(db, now)) - counts.changed - counts.unchanged
  if (gone > 0)
    for await (const lot of lotsOf(db, now)) {
      const kept = await entriesAmong(db, next, lot)
      for (const entry of lot) if (!kept.has(entry.subject)) count('removed', entry)
      if (counts.removed >= Math.min(gone, SHOWN)) break
    }
  return { ...counts, removed: gone, entries: hashes.length, samples, hash: hashOf(hashes) }
}

/** SHA-256 of the SHA-256 hashes of all entries, sorted: the same for the same entries, in whatever order they came. */
const hashOf = (hashes: string[]): Buffer =>
  hashes
    .sort()
    .reduce((hash, one) => hash.update(one, 'binary'), createHash('sha256'))
    .digest()

/** What is hashed of an entry. */
export const contentOf = ({ subject, reason, source, validFrom, validUntil }: SampleRecord): string =>
  JSON.stringify([subject, reason, source, validFrom, validUntil])

const entriesIn = (db: Kysely<Database>, snapshotId: string) =>
  db
    .selectFrom('list_entry')
    .select(['subject', 'reason', 'source', 'valid_from', 'valid_until'])
    .where('snapshot_id', '=', snapshotId)
    .where('removed_at', 'is', null)

type EntryRow = Awaited<ReturnType<ReturnType<typeof entriesIn>['execute']>>[number]

/** An entry as it is compared, shown and hashed. */
export const recordOf = ({ subject, reason, source, valid_from, valid_until }: EntryRow): SampleRecord => ({
  subject,
  reason,
  source,
  validFrom: valid_from?.toISOString() ?? null,
  validUntil: valid_until?.toISOString() ?? null,
})

/** Every entry of a snapshot that is not removed, by subject. */
async function* lotsOf(db: Kysely<Database>, snapshotId: string): AsyncGenerator<SampleRecord[]> {
  for (let after: string | null = null; ; ) {
    const last: string | null = after
    const rows: EntryRow[] = await atomically(
      db,
      (one) =>
        entriesIn(one, snapshotId)
          .$if(last !== null, (rest) => rest.where('subject', '>', last!))
          .orderBy('subject')
          .limit(LOT)
          .execute(),
      reading,
    )
    if (rows.length > 0) yield rows.map(recordOf)
    if (rows.length < LOT) return
    after = rows.at(-1)!.subject
  }
}

/** Which of these subjects a snapshot has, and how. */
async function entriesAmong(
  db: Kysely<Database>,
  snapshotId: string,
  lot: readonly SampleRecord[],
): Promise<Map<string, SampleRecord>> {
  const subjects = lot.map(({ subject }) => subject)
  const rows = await atomically(
    db,
    (one) => entriesIn(one, snapshotId).where(sql<boolean>`subject = any(${subjects}::text[])`).execute(),
    reading,
  )
  return new Map(rows.map((row) => [row.subject, recordOf(row)]))
}

async function size(db: Kysely<Database>, snapshotId: string): Promise<number> {
  const { count } = await atomically(
    db,
    (one) =>
      one
        .selectFrom('list_entry')
        .select(({ fn }) => fn.countAll<bigint>().as('count'))
        .where('snapshot_id', '=', snapshotId)
        .where('removed_at', 'is', null)
        .executeTakeFirstOrThrow(),
    reading,
  )
  return Number(count)
}
