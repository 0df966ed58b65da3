import { type Kysely, sql } from 'kysely'
import { codeOf } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import {
  checkpointColumns,
  checkpointFault,
  checkpointHash,
  checkpointOf,
  noCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'
import type { AuditKey, PublicKeys } from './keys.ts'
import { grow, rootOf, type Tree } from './merkle-tree.ts'
import { isKept } from './read-hashes.ts'

/** How many leaves one checkpoint takes in at most. */
export const BATCH = 5_000

/** With what, and from when on, leaves are sealed. */
export interface Sealing {
  /** Signs. */
  key: AuditKey
  /** What the last checkpoint may be signed with. */
  publicKeys: PublicKeys
  now: Date
  /** Whether only leaves of the last minute are looked at, not all that wait. */
  recent?: boolean
}

/** The log went on from something that is not what was sealed: somebody changed it. It is not sealed any further. */
export class BrokenLog extends Error {
  override readonly name = 'BrokenLog'
}

/**
 * Gives the leaves that have none their places in the log, in one commit with a checkpoint over it. Its work is that of the leaves
 * it takes in: the tree grows from the roots in the checkpoint before. Who does it at the same time as another finds nothing to do.
 *
 * @returns the checkpoint and how many leaves it takes in; null when there was nothing to seal
 * @throws BrokenLog when the last checkpoint is not one of ours
 */
export async function sealLeaves(
  db: Kysely<Database>,
  { key, publicKeys, now, recent = false }: Sealing,
): Promise<{ checkpoint: Checkpoint; leaves: number } | null> {
  // in this order: leaves that another seals after the first look make the checkpoint's number taken
  const { last, tree } = await readLast(db, publicKeys)
  const waiting = (await readUnsealed(db, recent)).sort(byObject)
  if (waiting.length === 0) return null
  const leaves = waiting.filter((leaf, n) => n === 0 || byObject(waiting[n - 1]!, leaf) !== 0)

  const first = tree.size
  const nodes: { level: number; index: number; hash: Buffer }[] = []
  for (const { hash } of leaves)
    grow(tree, hash, 0, (level, index, node) => isKept(level) && nodes.push({ level, index, hash: node }))
  const checkpoint = signCheckpoint(
    {
      number: (last?.number ?? 0) + 1,
      size: tree.size,
      root: rootOf(tree).toString('hex'),
      previous: last ? checkpointHash(last) : noCheckpoint,
      sealedAt: now.toISOString(),
    },
    key,
  )
  try {
    await write(db, { checkpoint, tree, first, leaves, nodes, waiting })
  } catch (error) {
    if (codeOf(error) !== '23505') throw error
    await forgetSealed(db)
    return null
  }
  return { checkpoint, leaves: leaves.length }
}

async function readLast(
  db: Kysely<Database>,
  publicKeys: PublicKeys,
): Promise<{ last: Checkpoint | null; tree: Tree }> {
  const row = await db
    .selectFrom('audit_checkpoint')
    .select([...checkpointColumns, 'frontier'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return { last: null, tree: { size: 0, peaks: [] } }
  const last = checkpointOf(row)
  const fault = checkpointFault(last, publicKeys)
  if (fault)
    throw new BrokenLog(`Checkpoint ${last.number} of the audit log: ${fault}. Nothing is sealed on top of it.`)
  const tree = { size: last.size, peaks: peaksOf(row.frontier) }
  if (!rootOf(tree).equals(row.root))
    throw new BrokenLog(`Checkpoint ${last.number} of the audit log: its frontier is not that of its root.`)
  return { last, tree }
}

/** The roots in the column `frontier`. */
export const peaksOf = (frontier: Buffer): Buffer[] =>
  Array.from({ length: frontier.length / 32 }, (_, index) => frontier.subarray(32 * index, 32 * (index + 1)))

interface Unsealed {
  shard: number
  recordedAt: Date
  stream: string
  sequence: bigint
  hash: Buffer
}

/** Object by object, for whoever reads the log: its leaves follow one another. */
const byObject = (one: Unsealed, other: Unsealed) =>
  one.stream < other.stream ? -1 : one.stream > other.stream ? 1 : Number(one.sequence - other.sequence)

const shards = [0, 1, 2, 3, 4, 5, 6, 7]

const readUnsealed = (db: Kysely<Database>, recent: boolean): Promise<Unsealed[]> =>
  db
    .selectFrom('audit_unsealed as waiting')
    .innerJoin('audit', (join) =>
      join.onRef('audit.stream', '=', 'waiting.stream').onRef('audit.sequence', '=', 'waiting.sequence'),
    )
    .select(['waiting.shard', 'waiting.recorded_at as recordedAt', 'waiting.stream', 'waiting.sequence', 'audit.hash'])
    .where('waiting.shard', 'in', shards)
    .$if(recent, (query) => query.where('waiting.recorded_at', '>=', sql<Date>`now() - interval '1 minute'`))
    .orderBy('waiting.shard')
    .orderBy('waiting.recorded_at')
    .limit(BATCH)
    .execute()

interface Batch {
  checkpoint: Checkpoint
  tree: Tree
  first: number
  leaves: Unsealed[]
  /** The rows in which they waited: of a leaf, more than one if somebody meddled. */
  waiting: Unsealed[]
  nodes: { level: number; index: number; hash: Buffer }[]
}

/** One statement: all of it is there, or nothing. */
function write(db: Kysely<Database>, { checkpoint, tree, first, leaves, waiting, nodes }: Batch): Promise<unknown> {
  const bytes = (hex: string) => Buffer.from(hex, 'hex')
  return atomically(db, (one) =>
    sql`
      with sealed as (
        insert into audit_checkpoint (number, tree_size, root, previous, sealed_at, key_id, signature, frontier)
        values (${checkpoint.number}::int8, ${checkpoint.size}::int8, ${bytes(checkpoint.root)}::bytea,
          ${bytes(checkpoint.previous)}::bytea, ${checkpoint.sealedAt}::timestamptz, ${checkpoint.key}::text,
          ${bytes(checkpoint.signature)}::bytea, ${Buffer.concat(tree.peaks)}::bytea)
      ), placed as (
        insert into audit_position (leaf_index, stream, sequence, hash)
        select leaf_index, stream, sequence, hash
        from unnest(${leaves.map((_, n) => first + n)}::int8[], ${leaves.map(({ stream }) => stream)}::uuid[],
          ${leaves.map(({ sequence }) => sequence)}::int8[], ${leaves.map(({ hash }) => hash)}::bytea[])
          as q (leaf_index, stream, sequence, hash)
      ), kept as (
        insert into audit_node (level, node_index, hash)
        select level, node_index, hash
        from unnest(${nodes.map(({ level }) => level)}::int4[], ${nodes.map(({ index }) => index)}::int8[],
          ${nodes.map(({ hash }) => hash)}::bytea[]) as q (level, node_index, hash)
      )
      delete from audit_unsealed
      using unnest(${waiting.map(({ shard }) => shard)}::int4[], ${waiting.map(({ recordedAt }) => recordedAt)}::timestamptz[],
        ${waiting.map(({ stream }) => stream)}::uuid[], ${waiting.map(({ sequence }) => sequence)}::int8[])
        as done (shard, recorded_at, stream, sequence)
      where audit_unsealed.shard = done.shard and audit_unsealed.recorded_at = done.recorded_at
        and audit_unsealed.stream = done.stream and audit_unsealed.sequence = done.sequence`.execute(one),
  )
}

/** Whoever lost a race has nothing to forget; but a leaf that waits although it has its place would be in the way for ever. */
const forgetSealed = (db: Kysely<Database>) =>
  atomically(db, (one) =>
    one
      .deleteFrom('audit_unsealed')
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('audit_position')
            .select('leaf_index')
            .whereRef('audit_position.stream', '=', 'audit_unsealed.stream')
            .whereRef('audit_position.sequence', '=', 'audit_unsealed.sequence'),
        ),
      )
      .execute(),
  )
