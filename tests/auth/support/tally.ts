import pg from 'pg'
import { growth } from '../../http/support/rows.ts'

/** Counts the rows that signing in can make, over one connection: many tests count before and after. */
export interface Tally extends AsyncDisposable {
  /** What `work` made and took, by table; tables that it left as they were are left out. */
  growth(work: () => Promise<unknown>): Promise<Record<string, number>>
}

const tables = ['app_user', 'wallet', 'session', 'challenge', 'api_key', 'audit', 'event', 'idempotency']

export async function tally({ adminUrl }: { adminUrl: string }): Promise<Tally> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  const text = `select ${tables.map((table) => `(select count(*)::int4 from ${table}) as ${table}`).join(', ')}`
  const count = async (): Promise<Record<string, number>> => (await client.query({ name: 'tally', text })).rows[0]
  return {
    async growth(work) {
      const before = await count()
      await work()
      return growth(before, await count())
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}
