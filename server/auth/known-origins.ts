import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../db/coalesce.ts'
import type { Database } from '../../db/schema.ts'
import { atomically, reading } from '../../db/transaction.ts'

/** Tells whether an origin is one of some app's, from the database each time. */
export function knownOrigins(db: Kysely<Database>): (origin: string) => Promise<boolean> {
  const known = coalesce(async (origins: string[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<{ origin: string }>`/* prepared: read-origins */
          select distinct origin from app_origin where origin = any(${origins}::text[])`.execute(one),
      reading,
    )
    return new Map(rows.map(({ origin }) => [origin, true]))
  })
  return async (origin) => (await known(origin)) ?? false
}
