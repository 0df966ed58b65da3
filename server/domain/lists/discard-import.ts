import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { ListImport, ListPublication } from '../../contract/entities.ts'
import type { Clock, Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal, Principal } from '../principal.ts'
import { importOf, importsOf } from './import-of.ts'
import { importClosed } from './stage-import.ts'

/**
 * Takes an import back that was not published; its rows are deleted by and by. Discarding a discarded one answers with it.
 *
 * @throws NOT_FOUND, IMPORT_CLOSED (details: `state`)
 */
export const discardImport = (
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  principal: AppPrincipal,
  { importId }: { importId: string },
): Promise<ListImport> =>
  transaction(
    db,
    async (trx) => {
      const { appId } = principal
      const row = await importsOf(trx, appId).where('list_import.id', '=', importId).executeTakeFirst()
      if (!row) throw notFound('import')
      if (row.state === 'discarded') return importOf(row)
      if (!(await endImport(trx, clock, principal, { importId, to: 'discarded' }))) throw importClosed(row.state)
      return importOf({ ...row, state: 'discarded' })
    },
    { idempotent: true },
  )

/** Discards an import whose publication was refused, or that nobody decided on, in that commit. */
export const discardAsRefused = async (
  trx: Kysely<Database>,
  { clock }: { clock: Clock },
  principal: Principal,
  { approvalId, action: { importId } }: Asked<ListPublication>,
): Promise<void> => {
  await endImport(trx, clock, principal, { importId, to: 'discarded', approvalId })
}

/** Ends an import that was not published, with the audit leaf and event of its list. False, and nothing written: it has ended before. */
export async function endImport(
  trx: Kysely<Database>,
  clock: Clock,
  principal: Principal,
  { importId, to, approvalId }: { importId: string; to: 'discarded' | 'expired'; approvalId?: string },
): Promise<boolean> {
  const row = await trx
    .selectFrom('list_import')
    .innerJoin('list', 'list.id', 'list_import.list_id')
    .select(['list.id', 'list.app_id', 'list.name', 'list.version', 'list.audit_head'])
    .where('list_import.id', '=', importId)
    .where('list_import.state', 'in', ['staging', 'staged'])
    .executeTakeFirst()
  if (!row) return false
  const step = nextStep(row, {
    object: { type: 'list', id: row.id, appId: row.app_id },
    principal,
    type: `list.import_${to}`,
    at: clock.now(),
    data: { ...(approvalId && { approval: approvalId }), import: importId, name: row.name },
  })
  await trx.updateTable('list').set(step.head).where('id', '=', row.id).execute()
  await trx.updateTable('list_import').set({ state: to }).where('id', '=', importId).execute()
  await append(trx, step)
  return true
}
