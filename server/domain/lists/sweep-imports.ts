import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, transaction } from '../../../db/transaction.ts'
import { isHeld } from '../retention/held.ts'
import { endImport } from './discard-import.ts'

/** Ends an import whose time is over, and deletes rows of one that came to nothing, at most so many; answers how many. */
export async function sweepImports(db: Kysely<Database>, now: Date, most: number): Promise<number> {
  await expireOne(db, now)
  const ended = await db
    .selectFrom('list_import')
    .select('id')
    .where('published_at', 'is', null)
    .where('swept_at', 'is', null)
    .where('state', 'in', ['discarded', 'expired'])
    .where(({ not }) => not(isHeld('list_import.app_id')))
    .limit(1)
    .executeTakeFirst()
  if (!ended) return 0
  const deleted = await deleteRows(db, ended.id, most)
  if (deleted < most)
    await atomically(
      db,
      (one) => one.updateTable('list_import').set({ swept_at: now }).where('id', '=', ended.id).execute(),
      { idempotent: true },
    )
  return deleted
}

const expireOne = (db: Kysely<Database>, now: Date): Promise<void> =>
  transaction(
    db,
    async (trx) => {
      const late = await trx
        .selectFrom('list_import')
        .select('id')
        .where('published_at', 'is', null)
        .where('swept_at', 'is', null)
        .where('state', 'in', ['staging', 'staged'])
        .where('expires_at', '<=', now)
        .limit(1)
        .executeTakeFirst()
      if (!late) return
      const clock = { now: () => now }
      await endImport(trx, clock, { kind: 'system', name: 'clock' }, { importId: late.id, to: 'expired' })
    },
    { idempotent: true },
  )

async function deleteRows(db: Kysely<Database>, importId: string, most: number): Promise<number> {
  const { numDeletedRows } = await atomically(
    db,
    (one) =>
      one
        .deleteFrom('list_entry')
        .where('id', 'in', (rows) =>
          rows
            .selectFrom('list_entry')
            .select('id')
            .where('snapshot_id', '=', importId)
            .where(({ not }) => not(isHeld('list_entry.app_id')))
            .limit(most),
        )
        .executeTakeFirstOrThrow(),
    { idempotent: true },
  )
  return Number(numDeletedRows)
}
