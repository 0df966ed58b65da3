import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { BATCH, readInBatches } from './read-in-batches.ts'
import type { TrailHead } from './trail.ts'

/** An object that must have a trail, and the head that its row carries; a refused decision's row carries none. */
export interface ObjectHead {
  object: string
  head: TrailHead | null
}

type Trailed = { [Table in keyof Database]: 'audit_head' extends keyof Database[Table] ? Table : never }[keyof Database]

/** The tables whose rows carry the head of their trail: all of them, or it does not compile. */
const trailed = Object.keys({
  app: 1,
  app_user: 1,
  session: 1,
  approval: 1,
  api_key: 1,
  asset: 1,
  wallet: 1,
  paywall: 1,
  policy: 1,
  buying_policy: 1,
  purchase: 1,
  review: 1,
  list: 1,
  list_entry: 1,
  payment: 1,
  eerc_token: 1,
  eerc_operation: 1,
  report: 1,
  hold: 1,
  webhook_inbox: 1,
  endpoint: 1,
} satisfies Record<Trailed, 1>) as Trailed[]

/**
 * Tables with rows that have no trail of their own before they change: the hash of an import speaks for its entries, and what came of a
 * webhook is in the trail of what it was about.
 */
const late: readonly Trailed[] = ['list', 'list_entry', 'webhook_inbox']

/** Reads every object that must have a trail, in the order of their ids. Answers null at the end. */
export function headReader(
  db: Kysely<Database>,
  one: <T>(work: () => Promise<T>) => Promise<T>,
): () => Promise<ObjectHead | null> {
  const sources = [
    ...trailed.map((table) =>
      source((after) =>
        one(() =>
          db
            .selectFrom(table)
            .select(['id', 'version', 'audit_head'])
            .$if(late.includes(table), (query) => query.where('version', '>', 0n))
            .$if(after !== null, (query) => query.where('id', '>', after!.object))
            .orderBy('id')
            .limit(BATCH)
            .execute()
            .then((rows) => rows.map(({ id, ...head }) => ({ object: id, head }))),
        ),
      ),
    ),
    source((after) =>
      one(() =>
        db
          .selectFrom('decision')
          .select('id')
          .where('outcome', '=', 'deny')
          .$if(after !== null, (query) => query.where('id', '>', after!.object))
          .orderBy('id')
          .limit(BATCH)
          .execute()
          .then((rows) => rows.map(({ id }) => ({ object: id, head: null }))),
      ),
    ),
  ]
  return async () => {
    let least: Source | null = null
    for (const each of sources) {
      if (each.current === undefined) await each.advance()
      if (each.current && (!least || each.current.object < least.current!.object)) least = each
    }
    const found = least?.current ?? null
    await least?.advance()
    return found
  }
}

interface Source {
  /** Undefined before the first, null after the last. */
  current: ObjectHead | null | undefined
  advance(): Promise<void>
}

function source(read: (after: ObjectHead | null) => Promise<ObjectHead[]>): Source {
  const batches = readInBatches(read)
  let [rows, at]: [ObjectHead[], number] = [[], 0]
  return {
    current: undefined,
    async advance() {
      if (++at >= rows.length) {
        const { value, done } = await batches.next()
        rows = done ? [] : value
        at = 0
      }
      this.current = rows[at] ?? null
    },
  }
}
