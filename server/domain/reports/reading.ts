import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { BATCH, readInBatches } from '../audit/read-in-batches.ts'

/** What a report is read with: the transaction that sees one moment, the app, and the period: from its first moment to before `to`. */
export interface Reading {
  trx: Kysely<Database>
  /** Does what the transaction is asked for one after the other. */
  one: <T>(work: () => Promise<T>) => Promise<T>
  appId: string
  from: Date
  to: Date
}

/** Condition on the rows after one, by time and id. */
export const isAfter = (table: string, row: { created_at: Date; id: string } | null) =>
  row
    ? sql<SqlBool>`(${sql.ref(`${table}.created_at`)}, ${sql.ref(`${table}.id`)}) > (${row.created_at}, ${row.id})`
    : sql<SqlBool>`true`

/** What a leaf of the audit trail says. */
export interface Said {
  at: string
  actor: string
  action: string
  type: string
  object: string
  sequence: number
  data: Record<string, unknown>
}

interface LeafRow {
  stream: string
  sequence: bigint
  body: Buffer
}

/** As the indexes have it, see the migration of the audit log. */
const part = (number: number) =>
  sql<string>`split_part(encode(substr(body, 1, 220), 'escape'), '"', ${sql.lit(number)})`
const [actionOf, atOf] = [part(4), part(16)]

/** Reads the leaves of one action within the period, newest first. */
export async function* readLeaves({ trx, one, appId, from, to }: Reading, action: string): AsyncGenerator<Said> {
  const timeOf = ({ body }: LeafRow) => String(JSON.parse(body.toString()).at)
  const batches = readInBatches<LeafRow>((after) =>
    one(() =>
      trx
        .selectFrom('audit')
        .select(['stream', 'sequence', 'body'])
        .where('app_id', '=', appId)
        .where(actionOf, '=', action)
        .where(atOf, '>=', from.toISOString())
        .where(atOf, '<', to.toISOString())
        .$if(after !== null, (query) =>
          query
            .where(atOf, '<=', timeOf(after!))
            .where(
              sql<SqlBool>`(${atOf}, stream, sequence) < (${timeOf(after!)}, ${after!.stream}, ${after!.sequence})`,
            ),
        )
        .orderBy(atOf, (order) => order.desc().nullsLast())
        .orderBy('stream', 'desc')
        .orderBy('sequence', 'desc')
        .limit(BATCH)
        .execute(),
    ),
  )
  for await (const rows of batches) for (const { body } of rows) yield JSON.parse(body.toString()) as Said
}

/** Reads the leaves of some actions within the period, oldest first. */
export async function readActions(reading: Reading, actions: readonly string[]): Promise<Said[]> {
  const found: Said[] = []
  for (const action of actions) for await (const said of readLeaves(reading, action)) found.push(said)
  return found.sort((a, b) => compare(a.at, b.at) || compare(a.object, b.object) || a.sequence - b.sequence)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** A field of a leaf's data as it stands in a table: text, a number, or nothing. */
export const field = (value: unknown): string | number | null =>
  value === undefined || value === null
    ? null
    : typeof value === 'string' || typeof value === 'number'
      ? value
      : JSON.stringify(value)

/** Counts by key, in the order in which they are listed: the most first, then by key. */
export function tally<Key>() {
  const counts = new Map<string, { key: Key; count: number }>()
  return {
    add(key: Key): void {
      const name = JSON.stringify(key)
      const known = counts.get(name)
      if (known) known.count++
      else counts.set(name, { key, count: 1 })
    },
    entries: (): { key: Key; count: number }[] =>
      [...counts.values()].sort((a, b) => b.count - a.count || compare(JSON.stringify(a.key), JSON.stringify(b.key))),
  }
}
