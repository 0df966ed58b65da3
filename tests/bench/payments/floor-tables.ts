import pg from 'pg'
import type { Sandbox } from '../../../sandbox/sandbox.ts'

const tables = ['payment', 'decision', 'audit', 'event']

/** Tables for the floor's rows, with the columns and indexes of ours and nothing else: no references, no checks. */
export async function createFloorTables({ ownerUrl, applicationUrl }: Sandbox['database']): Promise<void> {
  const role = new URL(applicationUrl).username
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('create schema floor')
    for (const table of tables)
      await client.query(`create table floor.${table} (like public.${table} including indexes)`)
    await client.query(`grant usage on schema floor to ${role}`)
    await client.query(`grant insert on all tables in schema floor to ${role}`)
  } finally {
    await client.end()
  }
}
