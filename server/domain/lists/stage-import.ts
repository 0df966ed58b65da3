import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { actorOf, type Principal } from '../principal.ts'
import { compare } from './compare.ts'
import type { Staging } from './write-rows.ts'

/** What staging needs. */
export type StagingServices = Pick<Services, 'db' | 'clock'>

/** Milliseconds after which an import that was not published is thrown away. */
export const IMPORT_LIFETIME = 7 * 24 * 3_600_000

/** How often an import is compared anew with a list that changes meanwhile. */
const COMPARISONS = 5

/** Makes an import that has no rows yet. */
export async function openImport(
  db: Kysely<Database>,
  principal: Principal,
  { id, appId, listId, createdAt }: Staging,
  source: string,
): Promise<void> {
  await db
    .insertInto('list_import')
    .values({
      id,
      app_id: appId,
      list_id: listId,
      state: 'staging',
      source,
      staged_by: actorOf(principal),
      created_at: createdAt,
      expires_at: new Date(createdAt.getTime() + IMPORT_LIFETIME),
    })
    .execute()
}

/** What an import was made of: entries that could be read, and rows that could not. */
export interface Given {
  rows: number
  skipped: number
}

/**
 * Compares an import whose rows are written with the list as it is, and has it wait for its publication. One that was staged before
 * stays as it is.
 *
 * @throws IMPORT_CLOSED if it was discarded or has expired meanwhile, CONFLICT if the list does not keep still
 */
export async function finishStaging(
  { db, clock }: StagingServices,
  principal: Principal,
  { id, appId, listId }: Staging,
  given: Given,
): Promise<void> {
  for (let attempt = 0; attempt < COMPARISONS; attempt++) {
    const list = await db
      .selectFrom('list')
      .select(['snapshot_id', 'changed_in'])
      .where('id', '=', listId)
      .executeTakeFirstOrThrow()
    const { samples, hash, ...counts } = await compare(db, list.snapshot_id, id)
    const facts = { ...counts, duplicates: given.rows - counts.entries, skipped: given.skipped }
    const staged = await transaction(
      db,
      async (trx) => {
        const now = clock.now()
        const head = await trx
          .selectFrom('list')
          .innerJoin('list_import', 'list_import.list_id', 'list.id')
          .select(['list.name', 'list.version', 'list.audit_head', 'list.changed_in', 'list_import.state'])
          .select('list_import.source')
          .where('list_import.id', '=', id)
          .executeTakeFirstOrThrow()
        if (head.state === 'staged') return true
        if (head.state !== 'staging') throw importClosed(head.state)
        if (head.changed_in !== list.changed_in) return false
        const step = nextStep(head, {
          object: { type: 'list', id: listId, appId },
          principal,
          type: 'list.import_staged',
          at: now,
          data: { ...facts, hash: hash.toString('hex'), import: id, name: head.name, source: head.source },
        })
        await trx.updateTable('list').set(step.head).where('id', '=', listId).execute()
        await trx
          .updateTable('list_import')
          .set({ state: 'staged', ...facts, samples: JSON.stringify(samples), hash, compared_in: list.changed_in })
          .where('id', '=', id)
          .execute()
        await append(trx, step)
        return true
      },
      { idempotent: true },
    )
    if (staged) return
  }
  throw new DomainError('CONFLICT', 'The list changed each time the import was compared with it. Import it again.')
}

/** What can be done with a staged import cannot be done with one in this state. */
export const importClosed = (state: string): DomainError =>
  new DomainError(
    'IMPORT_CLOSED',
    `This import is ${state}. Only one that is staged can be published or discarded; if it is still wanted, import it again.`,
    { state },
  )
