import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'

/** Forgets answered questions whose time is over, at most so many, and answers how many. */
export async function sweepNonces(db: Kysely<Database>, now: Date, most: number): Promise<number> {
  const { numDeletedRows } = await atomically(
    db,
    (one) =>
      one
        .deleteFrom('x402_nonce')
        .where('nonce', 'in', (expired) =>
          expired.selectFrom('x402_nonce').select('nonce').where('expires_at', '<=', now).limit(most),
        )
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numDeletedRows)
}
