import pg from 'pg'

/**
 * How many rows each table has, by the superuser's eyes; what seals the audit trail and what gives events their places work by
 * themselves and are left out. Read anew at each call.
 */
export async function rowCounts({ adminUrl }: { adminUrl: string }): Promise<Record<string, number>> {
  return withAdmin(adminUrl, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_name not like 'audit\\_%'
        and table_name not in ('lease', 'event_unplaced', 'event_position')
      order by 1`,
    )
    const counts = tables.map(({ name }) => `select '${name}' as name, count(*)::int as count from "${name}"`)
    const { rows } = await client.query<{ name: string; count: number }>(counts.join(' union all '))
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  })
}

/** Rows that came between two counts; tables without new ones are left out. */
export function growth(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([table, count]): [string, number] => [table, count - before[table]!])
      .filter(([, grown]) => grown !== 0),
  )
}

/** Does what the application's role may not, such as tampering: no trigger stands in its way. */
export async function withAdmin<T>(adminUrl: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await adminsOf(adminUrl).connect()
  try {
    await client.query('set session_replication_role = replica')
    return await work(client)
  } finally {
    // what it was left in the middle of ends here
    await client.query('rollback; reset all').then(
      () => client.release(),
      () => client.release(true),
    )
  }
}

const admins = new Map<string, pg.Pool>()

/** Connections that stay for a while: a new one has to learn of every table that is counted. */
function adminsOf(connectionString: string): pg.Pool {
  const known = admins.get(connectionString)
  if (known) return known
  const pool = new pg.Pool({ connectionString, idleTimeoutMillis: 2_000, allowExitOnIdle: true })
  pool.on('error', () => {}) // the database was dropped
  admins.set(connectionString, pool)
  return pool
}
