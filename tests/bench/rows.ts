import pg from 'pg'
import type { Setting } from './setting.ts'

/** Counts the rows of tables and joins, as the database's owner sees them. */
export async function countRows({ sandbox }: Setting, tables: string): Promise<number> {
  const client = new pg.Client({ connectionString: sandbox.database.ownerUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${tables}`)
    return Number(rows[0]!.count)
  } finally {
    await client.end()
  }
}
