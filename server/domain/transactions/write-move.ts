import { type Kysely, sql } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import type { Move } from './advance.ts'
import { transactionColumns } from './columns.ts'
import type { Follow } from './purpose.ts'

/**
 * Writes a move and all that follows from it in one statement. Nothing is written unless the transaction and its owner still
 * have the versions they were read with, and the move's conditions hold; then the answer is undefined.
 */
export async function writeMove(
  db: Kysely<Database>,
  from: TransactionRow,
  { to, facts = {}, calls, nextAttemptAt, orSooner, listVersion, whileClaimed }: Move,
  { stands, changes, step }: Follow,
  now: Date,
): Promise<TransactionRow | undefined> {
  const move = db
    .updateTable('transaction')
    .set({
      ...facts,
      ...(calls !== undefined && { calls }),
      state: to,
      next_attempt_at: orSooner ? sql<Date>`least(next_attempt_at, ${nextAttemptAt}::timestamptz)` : nextAttemptAt,
      attempts: 0,
      updated_at: now,
      version: from.version + 1n,
    })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .where(stands)
    .$if(whileClaimed === true, (query) => query.where('next_attempt_at', '=', from.next_attempt_at))
    .$if(listVersion !== undefined, (query) =>
      query.where(({ exists, selectFrom }) =>
        exists(
          selectFrom('list_version')
            .select('app_id')
            .where('app_id', '=', from.app_id)
            .where('version', '=', listVersion!),
        ),
      ),
    )
    .returning(transactionColumns)
  const { audit, event } = step
  const following = changes.map((change, index) => sql`${sql.ref(`followed_${index}`)} as (${change})`)
  const { rows } = await sql<TransactionRow>`
    with moved as (${move}), ${sql.join(following)}, audited as (
      insert into audit (stream, sequence, app_id, body, hash)
      select ${audit.stream}::uuid, ${audit.sequence}::int8, ${audit.app_id}::uuid, ${audit.body}::bytea, ${audit.hash}::bytea
      from moved
    ), told as (
      insert into event (object_id, sequence, object_type, app_id, type, data, created_at)
      select ${event.object_id}::uuid, ${event.sequence}::int8, ${event.object_type}::text, ${event.app_id}::uuid,
        ${event.type}::text, ${event.data}::jsonb, ${now}::timestamptz
      from moved
    )
    select ${sql.join(transactionColumns.map((column) => sql.ref(column)))} from moved`.execute(db)
  return rows[0]
}
