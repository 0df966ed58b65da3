import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Facts } from './decide.ts'

/** About which addresses of which app the rules are going to be asked. */
export interface FactQuestion {
  appId: string
  addresses: readonly string[]
}

/** Reads what the rules need to know, one statement for all that are asked for at a time. */
export type ReadFacts = (question: FactQuestion) => Promise<Facts>

interface Row {
  n: number
  version: bigint
  list: string | null
  address: string | null
  reason: string | null
}

export function factsReader(db: Kysely<Database>): ReadFacts {
  const read = coalesce(async (questions: FactQuestion[]) => {
    const asked = questions.flatMap(({ appId, addresses }, n) => addresses.map((address) => ({ n, appId, address })))
    const { rows } = await atomically(
      db,
      (one) =>
        sql<Row>`/* prepared: read-facts */
      select q.n, list_version.version, list_entry.list, list_entry.address, list_entry.reason
      from unnest(${asked.map(({ n }) => n)}::int4[], ${asked.map(({ appId }) => appId)}::uuid[],
          ${asked.map(({ address }) => address)}::text[]) as q (n, app_id, address)
      join list_version on list_version.app_id = q.app_id
      left join list_entry on list_entry.app_id = q.app_id and list_entry.address = q.address
        and list_entry.removed_at is null`.execute(one),
      reading,
    )
    const facts = new Map<FactQuestion, Facts & { listed: Facts['listed'][number][] }>()
    for (const { n, version, list, address, reason } of rows) {
      const question = questions[n]!
      const known = facts.get(question) ?? { listVersion: version, listed: [] }
      if (list && address && reason) known.listed.push({ list, address, reason })
      facts.set(question, known)
    }
    return facts
  })
  return async (question) => (await read(question))!
}
