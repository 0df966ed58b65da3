import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import { leafHash, type TrailHead } from './trail.ts'

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

/** The tables whose rows carry the head of their trail. */
const trailed = [
  'app',
  'app_user',
  'session',
  'approval',
  'api_key',
  'asset',
  'wallet',
  'paywall',
  'list_entry',
  'payment',
] as const

const BATCH = 1_000

/**
 * Recomputes every trail: each leaf's hash, its link to the leaf before, that no leaf is missing, and that the row it is about
 * carries the head of its trail. Reads in batches, oldest leaf of an object first.
 */
export const verifyTrails = (db: Kysely<Database>): Promise<TrailReport> =>
  // one snapshot: a service that runs on must not look like a fault
  transaction(db, verifyInside, { idempotent: true })

async function verifyInside(db: Kysely<Database>): Promise<TrailReport> {
  const heads = await readHeads(db)
  const report: TrailReport = { objects: 0, leaves: 0, faults: [] }
  const faulty = (object: string, sequence: bigint, fault: string) => report.faults.push({ object, sequence, fault })

  let at = null as { stream: string; sequence: bigint; hash: Buffer } | null
  const finish = () => {
    if (!at) return
    const head = heads.get(at.stream)
    heads.delete(at.stream)
    if (head && (head.version !== at.sequence || !head.audit_head.equals(at.hash)))
      faulty(at.stream, at.sequence, `its row stands at leaf ${head.version}, the trail ends at another`)
  }

  for (let after: { stream: string; sequence: bigint } | null = null; ; ) {
    const rows: { stream: string; sequence: bigint; body: Buffer; hash: Buffer }[] = await db
      .selectFrom('audit')
      .select(['stream', 'sequence', 'body', 'hash'])
      .$if(after !== null, (query) =>
        query.where(sql<boolean>`(stream, sequence) > (${after?.stream}, ${after?.sequence})`),
      )
      .orderBy('stream')
      .orderBy('sequence')
      .limit(BATCH)
      .execute()
    for (const row of rows) {
      if (row.stream !== at?.stream) {
        finish()
        report.objects++
        at = null
      }
      report.leaves++
      const previous: bigint = at?.sequence ?? 0n
      const previousHash: Buffer = at?.hash ?? Buffer.alloc(32)
      if (row.sequence !== previous + 1n) faulty(row.stream, row.sequence, `leaf ${previous + 1n} is missing`)
      if (!leafHash(row.body).equals(row.hash)) faulty(row.stream, row.sequence, 'its bytes do not have its hash')
      const said = leafClaims(row.body)
      if (said?.object !== row.stream || said.sequence !== Number(row.sequence))
        faulty(row.stream, row.sequence, 'its bytes speak of another leaf')
      else if (said.previous !== previousHash.toString('hex'))
        faulty(row.stream, row.sequence, 'it is not chained to the leaf before')
      at = { stream: row.stream, sequence: row.sequence, hash: row.hash }
    }
    const last = rows.at(-1)
    if (!last) break
    after = { stream: last.stream, sequence: last.sequence }
  }
  finish()
  for (const [object, head] of heads) faulty(object, head?.version ?? 0n, 'it has no trail at all')
  return report
}

/** What a leaf says of itself. It may have been tampered with: nothing of it is sure to be there. */
function leafClaims(body: Buffer): { object?: unknown; sequence?: unknown; previous?: unknown } | null {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

/** Every object that must have a trail, and the head that its row carries; a refused decision's row carries none. */
async function readHeads(db: Kysely<Database>): Promise<Map<string, TrailHead | null>> {
  const heads = new Map<string, TrailHead | null>()
  for (const table of trailed) {
    const rows = await db.selectFrom(table).select(['id', 'version', 'audit_head']).execute()
    for (const { id, ...head } of rows) heads.set(id, head)
  }
  const refusals = await db.selectFrom('decision').select('id').where('outcome', '<>', 'allow').execute()
  for (const { id } of refusals) heads.set(id, null)
  return heads
}
