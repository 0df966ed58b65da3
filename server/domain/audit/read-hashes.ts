import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { joined, nodeHash, type Range, type Subtree, subtreesOf } from './merkle-tree.ts'

/** Levels of the tree between those that are kept. */
const STEP = 8

/** Whether the nodes of a level are kept. Those between are computed from at most 255 below. */
export const isKept = (level: number): boolean => level > 0 && level % STEP === 0

/** The roots of these ranges of the log, each of which ends where it was once sealed, or where a complete subtree does. */
export async function readRangeRoots(db: Kysely<Database>, ranges: readonly Range[]): Promise<Buffer[]> {
  const parts = ranges.map(subtreesOf)
  const hashes = await readSubtrees(db, parts.flat())
  return parts.map((subtrees) => joined(subtrees.map((one) => hashes.get(nameOf(one))!)))
}

/** The roots of complete subtrees of the log, by their names. */
export async function readSubtrees(db: Kysely<Database>, subtrees: readonly Subtree[]): Promise<Map<string, Buffer>> {
  // what is kept, or is a leaf, from which the root of each is computed
  const below = (level: number) => level - (level % STEP)
  const spans = subtrees.map(({ level, index }) => {
    const width = 2 ** (level - below(level))
    return { level: below(level), from: index * width, to: (index + 1) * width }
  })
  const known = new Map<string, Buffer>()
  for (const level of new Set(spans.map((span) => span.level))) {
    const here = spans.filter((span) => span.level === level)
    const rows = await (level === 0 ? readLeaves(db, here) : readKept(db, level, here))
    for (const { index, hash } of rows) known.set(nameOf({ level, index: Number(index) }), hash)
  }
  return new Map(
    subtrees.map((subtree, n) => {
      const { level, from, to } = spans[n]!
      let row = Array.from({ length: to - from }, (_, offset) => {
        const hash = known.get(nameOf({ level, index: from + offset }))
        if (!hash) throw new Error(`the log lacks node ${from + offset} of level ${level}: run provider audit verify`)
        return hash
      })
      while (row.length > 1)
        row = Array.from({ length: row.length / 2 }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!))
      return [nameOf(subtree), row[0]!]
    }),
  )
}

export const nameOf = ({ level, index }: Subtree): string => `${level}/${index}`

type Row = { index: bigint; hash: Buffer }

const inSpans = (spans: readonly Range[]) => ({
  from: sql`${spans.map(({ from }) => from)}::int8[]`,
  to: sql`${spans.map(({ to }) => to)}::int8[]`,
})

async function readLeaves(db: Kysely<Database>, spans: readonly Range[]): Promise<Row[]> {
  const { from, to } = inSpans(spans)
  const { rows } = await sql<Row>`
    select audit_position.leaf_index as index, audit_position.hash
    from unnest(${from}, ${to}) as span (low, high)
    join audit_position on audit_position.leaf_index >= span.low and audit_position.leaf_index < span.high`.execute(db)
  return rows
}

async function readKept(db: Kysely<Database>, level: number, spans: readonly Range[]): Promise<Row[]> {
  const { from, to } = inSpans(spans)
  const { rows } = await sql<Row>`
    select audit_node.node_index as index, audit_node.hash
    from unnest(${from}, ${to}) as span (low, high)
    join audit_node on audit_node.level = ${level} and audit_node.node_index >= span.low
      and audit_node.node_index < span.high`.execute(db)
  return rows
}
