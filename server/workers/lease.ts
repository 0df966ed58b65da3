import { type Kysely, sql } from 'kysely'
import type { Database } from '../../db/schema.ts'
import { atomically } from '../../db/transaction.ts'

/** What only one may do at a time, and who asks for it. */
export interface Lease {
  name: string
  holder: string
}

/** By the database's clock, in whole milliseconds. */
const now = sql<Date>`date_trunc('milliseconds', now())`

/**
 * Takes or renews a lease by the database's clock. False: another holds it. Whoever held it and was away for longer may still act:
 * what is done under a lease must be safe to be done by two.
 */
export async function takeLease(db: Kysely<Database>, { name, holder }: Lease, milliseconds: number): Promise<boolean> {
  const until = sql<Date>`${now} + ${`${milliseconds} milliseconds`}::interval`
  const taken = await atomically(
    db,
    (one) =>
      one
        .insertInto('lease')
        .values({ name, holder, held_until: until })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, held_until: until })
            .where(({ or, eb, ref }) =>
              or([eb('lease.holder', '=', ref('excluded.holder')), eb('lease.held_until', '<=', now)]),
            ),
        )
        .returning('name')
        .executeTakeFirst(),
    { idempotent: true },
  )
  return taken !== undefined
}

/** Lets another take a lease at once. */
export async function giveLease(db: Kysely<Database>, { name, holder }: Lease): Promise<void> {
  await atomically(
    db,
    (one) =>
      one.updateTable('lease').set({ held_until: now }).where('name', '=', name).where('holder', '=', holder).execute(),
    { idempotent: true },
  )
}
