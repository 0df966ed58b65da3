import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { SystemPrincipal } from '../principal.ts'
import { isHeld } from '../retention/held.ts'

const clockwork: SystemPrincipal = { kind: 'system', name: 'clock' }

/** Deletes the files of reports that were made before a moment and are not under hold, at most of so many; answers of how many. */
export async function expireReports(trx: Kysely<Database>, before: Date, most: number, at: Date): Promise<number> {
  const rows = await trx
    .selectFrom('report')
    .select(['id', 'app_id', 'version', 'audit_head'])
    .where('state', '=', 'ready')
    .where('finished_at', '<', before)
    .where(({ not }) => not(isHeld('report.app_id', 'report.id')))
    .limit(most)
    .execute()
  for (const row of rows) {
    const step = nextStep(row, {
      object: { type: 'report', id: row.id, appId: row.app_id },
      principal: clockwork,
      type: 'report.expired',
      at,
      data: { before: before.toISOString() },
    })
    await trx
      .deleteFrom('report_file')
      .where('report_id', 'in', (expiring) =>
        expiring
          .selectFrom('report')
          .select('id')
          .where('id', '=', row.id)
          .where(({ not }) => not(isHeld('report.app_id', 'report.id'))),
      )
      .execute()
    await trx
      .updateTable('report')
      .set({ state: 'expired', content_id: null, ...step.head })
      .where('id', '=', row.id)
      .execute()
    await append(trx, step)
  }
  return rows.length
}
