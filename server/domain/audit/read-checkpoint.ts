import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import { notFound } from '../domain-error.ts'
import { checkpointColumns, checkpointOf } from './checkpoint.ts'

/**
 * Reads a checkpoint by its number; the last without one.
 *
 * @throws NOT_FOUND
 */
export async function readCheckpoint(db: Kysely<Database>, number?: number): Promise<Checkpoint> {
  const row = await db
    .selectFrom('audit_checkpoint')
    .select(checkpointColumns)
    .$if(number !== undefined, (query) => query.where('number', '=', BigInt(number!)))
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) throw notFound('checkpoint')
  return checkpointOf(row)
}
