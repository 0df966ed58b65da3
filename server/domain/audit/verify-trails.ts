import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import { headReader } from './read-heads.ts'
import { BATCH, oneAtATime, readInBatches } from './read-in-batches.ts'
import { leafHash } from './trail.ts'

/** What is wrong with the trail of one object. */
export interface TrailFault {
  object: string
  sequence: bigint
  fault: string
}

/** What a verification found. */
export interface TrailReport {
  objects: number
  leaves: number
  faults: TrailFault[]
}

/** Minutes that a leaf may wait for its place in the log. */
const PATIENCE = 5

/**
 * Recomputes every trail: each leaf's hash, its link to the leaf before, that no leaf is missing, that it has its place in the log
 * or waits for one, and that the row it is about carries the head of its trail.
 */
export const verifyTrails = (db: Kysely<Database>): Promise<TrailReport> =>
  // one snapshot: a service that runs on must not look like a fault
  transaction(db, verifyTrailsIn, { idempotent: true })

/** The same in a transaction that there is. Reads in batches, objects by their ids, oldest leaf first. */
export async function verifyTrailsIn(db: Kysely<Database>): Promise<TrailReport> {
  const one = oneAtATime()
  const nextHead = headReader(db, one)
  const waiting = await readWaiting(db)
  const report: TrailReport = { objects: 0, leaves: 0, faults: [] }
  let placed = 0
  const faulty = (object: string, sequence: bigint, fault: string) => report.faults.push({ object, sequence, fault })

  let head = await nextHead()
  /** Deals with every object up to this one: those before have no trail. */
  const headOf = async (object: string) => {
    for (; head && head.object < object; head = await nextHead())
      faulty(head.object, head.head?.version ?? 0n, 'it has no trail at all')
    return head?.object === object ? head.head : null
  }

  let at = null as { stream: string; sequence: bigint; hash: Buffer } | null
  const finish = async () => {
    if (!at) return
    const expected = await headOf(at.stream)
    if (head?.object === at.stream) head = await nextHead()
    if (expected && (expected.version !== at.sequence || !expected.audit_head.equals(at.hash)))
      faulty(at.stream, at.sequence, `its row stands at leaf ${expected.version}, the trail ends at another`)
  }

  for await (const rows of readInBatches<Leaf>((after) => one(() => readLeaves(db, after))))
    for (const row of rows) {
      if (row.stream !== at?.stream) {
        await finish()
        report.objects++
        at = null
      }
      report.leaves++
      const previous: bigint = at?.sequence ?? 0n
      const previousHash: Buffer = at?.hash ?? noHash
      if (row.sequence !== previous + 1n) faulty(row.stream, row.sequence, `leaf ${previous + 1n} is missing`)
      if (!leafHash(row.body).equals(row.hash)) faulty(row.stream, row.sequence, 'its bytes do not have its hash')
      const said = leafClaims(row.body)
      if (said?.object !== row.stream || said.sequence !== Number(row.sequence) || said.app !== row.app_id)
        faulty(row.stream, row.sequence, 'its bytes speak of another leaf')
      else if (said.previous !== previousHash.toString('hex'))
        faulty(row.stream, row.sequence, 'it is not chained to the leaf before')
      const isWaiting = waiting.delete(`${row.stream}/${row.sequence}`)
      if (row.is_as_sealed !== null) placed++
      if (row.is_as_sealed === false) faulty(row.stream, row.sequence, 'it is not what was sealed')
      if (row.is_as_sealed === null && !isWaiting)
        faulty(row.stream, row.sequence, 'it has no place in the log, and does not wait for one')
      at = { stream: row.stream, sequence: row.sequence, hash: row.hash }
    }
  await finish()
  await headOf('~') // after every id
  for (const { stream, sequence } of await readGone(db, placed))
    faulty(stream, sequence, 'it has its place in the log, and is gone')
  for (const { stream, sequence } of waiting.values())
    faulty(stream, sequence, 'it waits for its place in the log, and is not there')
  for (const { stream, sequence, recorded_at } of await readOverdue(db))
    faulty(stream, sequence, `it waits for its place in the log since ${recorded_at.toISOString()}`)
  return report
}

const noHash = Buffer.alloc(32)

interface Leaf {
  stream: string
  sequence: bigint
  app_id: string
  body: Buffer
  hash: Buffer
  /** Whether its hash is that in the log; null: it has no place there. */
  is_as_sealed: boolean | null
}

const readLeaves = (db: Kysely<Database>, after: Leaf | null): Promise<Leaf[]> =>
  db
    .selectFrom('audit')
    .leftJoin('audit_position as place', (join) =>
      join
        .onRef('place.stream', '=', 'audit.stream')
        .onRef('place.sequence', '=', 'audit.sequence')
        // says nothing new, but where to begin: the two are then merged in one walk along their indexes
        .on(isAfter('place', after)),
    )
    .select([
      'audit.stream',
      'audit.sequence',
      'app_id',
      'body',
      'audit.hash',
      sql<boolean | null>`place.hash = audit.hash`.as('is_as_sealed'),
    ])
    .where(isAfter('audit', after))
    .orderBy('audit.stream')
    .orderBy('audit.sequence')
    .limit(BATCH)
    .execute()

const isAfter = (table: string, after: Leaf | null) =>
  after
    ? sql<boolean>`(${sql.ref(`${table}.stream`)}, ${sql.ref(`${table}.sequence`)}) > (${after.stream}, ${after.sequence})`
    : sql<boolean>`true`

/** Leaves that have their place in the log and are not there any more. */
async function readGone(db: Kysely<Database>, placed: number): Promise<{ stream: string; sequence: bigint }[]> {
  const { count } = await db
    .selectFrom('audit_position')
    .select((of) => of.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) === placed) return []
  return db
    .selectFrom('audit_position as place')
    .select(['place.stream', 'place.sequence'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit')
            .select('audit.stream')
            .whereRef('audit.stream', '=', 'place.stream')
            .whereRef('audit.sequence', '=', 'place.sequence'),
        ),
      ),
    )
    .orderBy('place.stream')
    .orderBy('place.sequence')
    .execute()
}

async function readWaiting(db: Kysely<Database>): Promise<Map<string, { stream: string; sequence: bigint }>> {
  const rows = await db
    .selectFrom('audit_unsealed')
    .select(['stream', 'sequence'])
    .orderBy('stream')
    .orderBy('sequence')
    .execute()
  return new Map(rows.map((row) => [`${row.stream}/${row.sequence}`, row]))
}

const readOverdue = (db: Kysely<Database>) =>
  db
    .selectFrom('audit_unsealed')
    .select(['stream', 'sequence', 'recorded_at'])
    .where('recorded_at', '<', sql<Date>`now() - ${`${PATIENCE} minutes`}::interval`)
    .orderBy('stream')
    .orderBy('sequence')
    .execute()

/** What a leaf says of itself. It may have been tampered with: nothing of it is sure to be there. */
function leafClaims(body: Buffer): { object?: unknown; sequence?: unknown; previous?: unknown; app?: unknown } | null {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}
