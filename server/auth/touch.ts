import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { Database } from '../../db/schema.ts'
import { atomically } from '../../db/transaction.ts'
import type { Clock } from '../services.ts'
import type { Log } from '../telemetry/log.ts'

/** Notes that something was used just now. Nobody waits for it. */
export type Touch = (id: string) => void

/**
 * Writes when rows were last used, one statement for all that are used at a time. It is not part of any trail, and no call fails
 * because of it.
 */
export function touching(db: Kysely<Database>, clock: Clock, log: Log, table: 'session' | 'api_key'): Touch {
  const column = sql.ref(table === 'session' ? 'last_seen_at' : 'last_used_at')
  const write = coalesce(async (ids: string[]) => {
    const now = clock.now()
    await atomically(
      db,
      (one) =>
        sql`update ${sql.table(table)} set ${column} = ${now}
          where id = any(${ids}::uuid[]) and (${column} is null or ${column} < ${now})`.execute(one),
      { idempotent: true },
    )
    return new Map<string, never>()
  })
  return (id) => void write(id).catch((error) => log.debug({ err: error, table }, 'the time of use was not written'))
}
