import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { Database } from '../../db/schema.ts'
import { atomically } from '../../db/transaction.ts'
import type { Clock } from '../services.ts'
import type { Log } from '../telemetry/log.ts'

/** Notes that something was used just now, unless somebody has noted it since it was last used so. Nobody waits for it. */
export type Touch = (id: string, lastUse: Date | null) => void

interface Use {
  id: string
  lastUse: Date | null
}

/**
 * Writes when rows were last used, one statement for all that are used at a time, and once for all uses that come at a time, on
 * whichever instance. It is not part of any trail, and no call fails because of it.
 */
export function touching(db: Kysely<Database>, clock: Clock, log: Log, table: 'session' | 'api_key'): Touch {
  const column = sql.ref(table === 'session' ? 'last_seen_at' : 'last_used_at')
  const write = coalesce(async (uses: Use[]) => {
    const latest = new Map(uses.map(({ id, lastUse }) => [id, lastUse]))
    await atomically(
      db,
      (one) =>
        sql`update ${sql.table(table)} set ${column} = ${clock.now()}
          from unnest(${[...latest.keys()]}::uuid[], ${[...latest.values()]}::timestamptz[])
            as used (used_id, last_use)
          where id = used_id and ${column} is not distinct from last_use`.execute(one),
      { idempotent: true },
    )
    return new Map<Use, never>()
  })
  return (id, lastUse) =>
    void write({ id, lastUse }).catch((error) => log.debug({ err: error, table }, 'the time of use was not written'))
}
