import { createHash, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Kysely } from 'kysely'
import type { Database } from '../../db/schema.ts'
import { transaction } from '../../db/transaction.ts'
import type { Services } from '../services.ts'
import { DomainError } from './domain-error.ts'
import { PLATFORM, type Principal, subjectOf } from './principal.ts'

/** What an idempotency key is bound to: the app, the caller, the procedure and the body. */
export interface Intention {
  app_id: string
  subject: string
  procedure: string
  key: string
  request_hash: Buffer
}

/** The intention behind a call. `input` without its key is the body it is bound to. */
export function intentionOf(
  principal: Principal,
  procedure: string,
  { idempotencyKey, ...body }: { idempotencyKey: string } & Record<string, unknown>,
): Intention {
  return {
    app_id: (principal.kind === 'system' ? null : principal.appId) ?? PLATFORM,
    subject: subjectOf(principal),
    procedure,
    key: idempotencyKey,
    request_hash: createHash('sha256')
      .update(canonicalize(plain(body))!)
      .digest(),
  }
}

/** A body as JSON can say it: bigints and dates as text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => [k, plain(v)]),
    )
  return value
}

/**
 * What an earlier call with this key made, or null.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export async function earlier(db: Kysely<Database>, intention: Intention): Promise<string | null> {
  const row = await db
    .selectFrom('idempotency')
    .select(['request_hash', 'resource_id'])
    .where('app_id', '=', intention.app_id)
    .where('subject', '=', intention.subject)
    .where('procedure', '=', intention.procedure)
    .where('key', '=', intention.key)
    .executeTakeFirst()
  if (!row) return null
  if (!row.request_hash.equals(intention.request_hash)) throw mismatch()
  return row.resource_id
}

export const mismatch = () =>
  new DomainError(
    'IDEMPOTENCY_MISMATCH',
    'This idempotency key was used before with another body. Repeat the first body to get its answer, or use a new key for a new intention.',
  )

/**
 * Does `commit` once for each intention. Answers with the id of what was made, and whether it was made by an earlier call.
 *
 * @throws IDEMPOTENCY_MISMATCH, and whatever `commit` throws; then nothing was written
 */
export async function once(
  services: Pick<Services, 'db' | 'clock'>,
  intention: Intention,
  commit: (trx: Kysely<Database>, id: string) => Promise<void>,
): Promise<{ id: string; replayed: boolean }> {
  const known = await earlier(services.db, intention)
  if (known) return { id: known, replayed: true }

  const id = randomUUID()
  const made = await transaction(
    services.db,
    async (trx) => {
      const inserted = await trx
        .insertInto('idempotency')
        .values({ ...intention, resource_id: id, created_at: services.clock.now() })
        .onConflict((conflict) => conflict.columns(['app_id', 'subject', 'procedure', 'key']).doNothing())
        .returning('resource_id')
        .executeTakeFirst()
      if (!inserted) return (await earlier(trx, intention))!
      await commit(trx, id)
      return id
    },
    { idempotent: true },
  )
  // a commit whose answer was lost is repeated and then meets its own row: that is not a replay
  return { id: made, replayed: made !== id }
}
