import type { Kysely } from 'kysely'
import type { CheckpointRow, Database } from '../../../db/schema.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import { checkpointColumns, checkpointFault, checkpointHash, checkpointOf, lineOf, noCheckpoint } from './checkpoint.ts'
import type { PublicKeys } from './keys.ts'
import { grow, rootOf, type Tree } from './merkle-tree.ts'
import { isKept, nameOf } from './read-hashes.ts'
import { BATCH, oneAtATime, readInBatches } from './read-in-batches.ts'

/** What is wrong with the log, and where in it. */
export interface LogFault {
  where: string
  fault: string
}

/** What a verification of the log found. */
export interface LogReport {
  /** Leaves that have their place. */
  size: number
  checkpoints: number
  faults: LogFault[]
}

export interface LogEvidence {
  /** What checkpoints may be signed with. Null leaves signatures unchecked. */
  keys: PublicKeys | null
  /** Checkpoints that were kept outside of the database. */
  kept?: readonly Checkpoint[]
}

/**
 * Recomputes the log: that no place in it is gone; root, chain and signature of every checkpoint; what is stored of the tree to grow
 * it and to prove from; and that it is the log whose checkpoints were kept outside of the database. That each place is taken by the
 * leaf that was sealed there is for the verification of the trails.
 */
export async function verifyLogIn(db: Kysely<Database>, evidence: LogEvidence): Promise<LogReport> {
  const one = oneAtATime()
  const report: LogReport = { size: 0, checkpoints: 0, faults: [] }
  const faulty = (where: string, fault: string) => report.faults.push({ where, fault })
  const nodes = await readNodes(db)
  const tree: Tree = { size: 0, peaks: [] }
  // what follows the first place that does not hold is not accused of it
  let holds = true
  const broken = (where: string, fault: string) => {
    if (holds) faulty(where, fault)
    holds = false
  }

  const judge = judgeOfCheckpoints(evidence, faulty)
  const checkpoints = rowByRow(readInBatches<StoredCheckpoint>((after) => one(() => readCheckpoints(db, after))))
  let next = await checkpoints()
  const checkpointsUpTo = async (size: number) => {
    for (; next && Number(next.tree_size) <= size; next = await checkpoints()) {
      const where = `checkpoint ${next.number}`
      judge.take(checkpointOf(next))
      if (Number(next.tree_size) !== size) broken(where, 'it is over fewer leaves than the one before')
      else if (holds && !next.root.equals(rootOf(tree))) broken(where, 'its root is not that of the leaves')
      else if (holds && !next.frontier.equals(Buffer.concat(tree.peaks)))
        faulty(where, 'its frontier is not that of the leaves')
    }
  }

  for await (const places of readInBatches<Place>((after) => one(() => readPlaces(db, after))))
    for (const { leaf_index, hash } of places) {
      if (Number(leaf_index) !== report.size) broken(`place ${leaf_index}`, `place ${report.size} before it is gone`)
      if (holds)
        grow(tree, hash, 0, (level, index, node) => {
          if (!isKept(level)) return
          const name = nameOf({ level, index })
          if (!nodes.get(name)?.equals(node)) faulty(`node ${name}`, 'it is not the hash of what is below it')
          nodes.delete(name)
        })
      report.size = Number(leaf_index) + 1
      if (next && Number(next.tree_size) <= report.size) await checkpointsUpTo(report.size)
    }
  if (report.size > judge.size()) faulty(`place ${judge.size()}`, 'no checkpoint is over it')
  for (; next; next = await checkpoints()) {
    judge.take(checkpointOf(next))
    broken(`checkpoint ${next.number}`, 'it is over places that are gone')
  }
  if (holds) for (const name of nodes.keys()) faulty(`node ${name}`, 'nothing is below it')
  report.checkpoints = judge.end(await readExported(db))
  return report
}

/** Judges checkpoints by themselves, one after the other, and beside those that were kept outside. */
function judgeOfCheckpoints({ keys, kept = [] }: LogEvidence, faulty: (where: string, fault: string) => unknown) {
  let last: Checkpoint | null = null as Checkpoint | null
  const outside = new Map<number, string>()
  for (const checkpoint of kept) {
    const line = lineOf(checkpoint)
    if ((outside.get(checkpoint.number) ?? line) !== line)
      faulty(`checkpoint ${checkpoint.number}`, 'two that differ were kept outside')
    outside.set(checkpoint.number, line)
  }
  return {
    take(checkpoint: Checkpoint) {
      const where = `checkpoint ${checkpoint.number}`
      const number = (last?.number ?? 0) + 1
      if (checkpoint.number !== number) faulty(where, `checkpoint ${number} before it is gone`)
      if (checkpoint.previous !== (last ? checkpointHash(last) : noCheckpoint))
        faulty(where, 'it does not follow the one before')
      const unsigned = keys && checkpointFault(checkpoint, keys)
      if (unsigned) faulty(where, unsigned)
      if ((outside.get(checkpoint.number) ?? lineOf(checkpoint)) !== lineOf(checkpoint))
        faulty(where, 'it is not the one that was kept outside')
      outside.delete(checkpoint.number)
      last = checkpoint
    },
    /** Leaves under the last checkpoint. */
    size: () => last?.size ?? 0,
    /** @returns the number of the last checkpoint */
    end(exported: number): number {
      for (const number of outside.keys()) faulty(`checkpoint ${number}`, 'it was kept outside, and is gone')
      if (exported > (last?.number ?? 0))
        faulty(`checkpoint ${exported}`, 'it was given to a place outside, and is gone')
      return last?.number ?? 0
    },
  }
}

function rowByRow<Row>(batches: AsyncGenerator<Row[]>): () => Promise<Row | null> {
  let [rows, at]: [Row[], number] = [[], 0]
  return async () => {
    if (at >= rows.length) {
      const { value, done } = await batches.next()
      ;[rows, at] = [done ? [] : value, 0]
    }
    return rows[at++] ?? null
  }
}

type StoredCheckpoint = Pick<CheckpointRow, (typeof checkpointColumns)[number] | 'frontier'>

const readCheckpoints = (db: Kysely<Database>, after: StoredCheckpoint | null): Promise<StoredCheckpoint[]> =>
  db
    .selectFrom('audit_checkpoint')
    .select([...checkpointColumns, 'frontier'])
    .$if(after !== null, (query) => query.where('number', '>', after!.number))
    .orderBy('number')
    .limit(BATCH)
    .execute()

interface Place {
  leaf_index: bigint
  hash: Buffer
}

const readPlaces = (db: Kysely<Database>, after: Place | null): Promise<Place[]> =>
  db
    .selectFrom('audit_position')
    .select(['leaf_index', 'hash'])
    .$if(after !== null, (query) => query.where('leaf_index', '>', after!.leaf_index))
    .orderBy('leaf_index')
    .limit(BATCH)
    .execute()

async function readNodes(db: Kysely<Database>): Promise<Map<string, Buffer>> {
  const rows = await db.selectFrom('audit_node').select(['level', 'node_index', 'hash']).execute()
  return new Map(rows.map(({ level, node_index, hash }) => [nameOf({ level, index: Number(node_index) }), hash]))
}

/** The highest number that any place outside has taken. */
async function readExported(db: Kysely<Database>): Promise<number> {
  const { number } = await db
    .selectFrom('audit_export')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirstOrThrow()
  return Number(number ?? 0)
}
