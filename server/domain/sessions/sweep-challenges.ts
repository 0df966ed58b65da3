import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically } from '../../../db/transaction.ts'

/** Deletes challenges that nobody answered in time, at most so many, and answers how many. */
export async function sweepChallenges(db: Kysely<Database>, now: Date, most: number): Promise<number> {
  const { numDeletedRows } = await atomically(
    db,
    (one) =>
      one
        .deleteFrom('challenge')
        .where('nonce_hash', 'in', (expired) =>
          expired.selectFrom('challenge').select('nonce_hash').where('expires_at', '<=', now).limit(most),
        )
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numDeletedRows)
}
