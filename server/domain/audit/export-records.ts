import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import {
  csvHeader,
  csvOf,
  type DataFile,
  dataFiles,
  type ExportManifest,
  type FileSeal,
  signManifest,
  textOfManifest,
} from './export-format.ts'
import { type AuditKey, type PublicKeys, textOfPublicKey } from './keys.ts'
import { type Subtree, subtreesOf } from './merkle-tree.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { nameOf, readSubtrees } from './read-hashes.ts'
import { BATCH, readInBatches } from './read-in-batches.ts'

export interface ExportRequest {
  /** Made when missing; must be empty. */
  directory: string
  /** Of one app; null is all. */
  app: string | null
  /** Records from this moment on, and before that one; null is all. */
  from: Date | null
  to: Date | null
  /** Signs the manifest. */
  key: AuditKey
  publicKeys: PublicKeys
  now: Date
}

/**
 * Writes sealed records as files that prove themselves, see the format. Of the leaves of other apps it gives away nothing but hashes
 * over them.
 *
 * @throws NOT_FOUND when nothing was sealed yet; Error when the directory is not empty, or the log lacks something
 */
export async function exportRecords(db: Kysely<Database>, request: ExportRequest): Promise<ExportManifest> {
  const { directory, key, publicKeys, now } = request
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) throw new Error(`${directory} is not empty: name another directory`)
  const checkpoint = await readCheckpoint(db)
  const files = await openFiles(directory)
  try {
    await files['records.csv'].write(csvHeader)
    // the leaf after the last that is in the export, or accounted for by the tree
    let [records, next] = [0, 0]
    const select = selection(request)
    for await (const rows of readInBatches<Row>((after) => readRows(db, select, after, checkpoint.size))) {
      const gaps: Subtree[] = []
      for (const { leaf_index } of rows) {
        gaps.push(...subtreesOf({ from: next, to: Number(leaf_index) }))
        next = Number(leaf_index) + 1
      }
      await writeTree(db, files['tree.jsonl'], gaps)
      await files['records.jsonl'].write(rows.map((row) => `${JSON.stringify(recordOf(row))}\n`).join(''))
      await files['records.csv'].write(
        rows.map((row) => csvOf(JSON.parse(row.body.toString()), recordOf(row))).join(''),
      )
      records += rows.length
    }
    await writeTree(db, files['tree.jsonl'], subtreesOf({ from: next, to: checkpoint.size }))
    const seals = {} as Record<DataFile, FileSeal>
    for (const name of dataFiles) seals[name] = await files[name].seal()
    const manifest = signManifest(
      {
        v: 1,
        app: request.app,
        from: request.from?.toISOString() ?? null,
        to: request.to?.toISOString() ?? null,
        exportedAt: now.toISOString(),
        records,
        unsealed: await countUnsealed(db, select),
        checkpoint,
        files: seals,
        publicKeys: Object.fromEntries([...publicKeys].map(([id, each]) => [id, textOfPublicKey(each)])),
      },
      key,
    )
    await writeFile(join(directory, 'manifest.json'), textOfManifest(manifest), { flush: true })
    return manifest
  } finally {
    for (const name of dataFiles) await files[name].close()
  }
}

interface Row {
  leaf_index: bigint
  stream: string
  sequence: bigint
  app_id: string
  body: Buffer
  hash: Buffer
}

const recordOf = (row: Row) => ({
  index: Number(row.leaf_index),
  stream: row.stream,
  sequence: Number(row.sequence),
  app: row.app_id,
  hash: row.hash.toString('hex'),
  body: row.body.toString(),
})

/** The condition on rows of `audit`. The time is that in the leaf's bytes, see the migration. */
function selection({ app, from, to }: Pick<ExportRequest, 'app' | 'from' | 'to'>) {
  const at = sql`split_part(encode(substr(audit.body, 1, 220), 'escape'), '"', 16)`
  const conditions = [
    app !== null && sql`audit.app_id = ${app}`,
    from && sql`${at} >= ${from.toISOString()}`,
    to && sql`${at} < ${to.toISOString()}`,
  ].filter((condition) => typeof condition === 'object' && condition !== null)
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}

type Selection = ReturnType<typeof selection>

async function readRows(db: Kysely<Database>, select: Selection, after: Row | null, size: number): Promise<Row[]> {
  const rows = await db
    .selectFrom('audit_position as place')
    .leftJoin('audit', (join) =>
      join.onRef('audit.stream', '=', 'place.stream').onRef('audit.sequence', '=', 'place.sequence'),
    )
    .select(['leaf_index', 'place.stream', 'place.sequence', 'app_id', 'body', 'audit.hash'])
    .where('leaf_index', '>=', after ? after.leaf_index + 1n : 0n)
    .where('leaf_index', '<', BigInt(size))
    .where(({ or, eb }) => or([select, eb('audit.stream', 'is', null)]))
    .orderBy('leaf_index')
    .limit(BATCH)
    .execute()
  return rows.map(({ app_id, body, hash, ...place }) => {
    if (!app_id || !body || !hash)
      throw new Error(`leaf ${place.sequence} of ${place.stream} is gone: run provider audit verify`)
    return { ...place, app_id, body, hash }
  })
}

async function countUnsealed(db: Kysely<Database>, select: Selection): Promise<number> {
  const { count } = await db
    .selectFrom('audit_unsealed as waiting')
    .innerJoin('audit', (join) =>
      join.onRef('audit.stream', '=', 'waiting.stream').onRef('audit.sequence', '=', 'waiting.sequence'),
    )
    .select((of) => of.fn.countAll<bigint>().as('count'))
    .where(select)
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function writeTree(db: Kysely<Database>, file: SealedFile, subtrees: readonly Subtree[]): Promise<void> {
  if (subtrees.length === 0) return
  const hashes = await readSubtrees(db, subtrees)
  const lines = subtrees.map(
    ({ level, index }) =>
      `${JSON.stringify({ level, index, hash: hashes.get(nameOf({ level, index }))!.toString('hex') })}\n`,
  )
  await file.write(lines.join(''))
}

/** A file that is hashed while it is written. */
interface SealedFile {
  write(text: string): Promise<void>
  /** Puts it on the disk. */
  seal(): Promise<FileSeal>
  close(): Promise<void>
}

async function openFiles(directory: string): Promise<Record<DataFile, SealedFile>> {
  const opened = {} as Record<DataFile, SealedFile>
  for (const name of dataFiles) opened[name] = sealedFile(await open(join(directory, name), 'wx', 0o640))
  return opened
}

function sealedFile(file: FileHandle): SealedFile {
  const digest = createHash('sha256')
  let bytes = 0
  return {
    async write(text) {
      const chunk = Buffer.from(text)
      digest.update(chunk)
      bytes += chunk.length
      await file.appendFile(chunk)
    },
    async seal() {
      await file.sync()
      return { bytes, sha256: digest.digest('hex') }
    },
    close: () => file.close(),
  }
}
