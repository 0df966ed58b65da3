import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import type { SystemPrincipal } from '../principal.ts'
import { insertReport } from './insert-report.ts'
import { reportKinds } from './kinds.ts'

const clockwork: SystemPrincipal = { kind: 'system', name: 'clock' }

/** Apps that are read at a time. */
const LOT = 500

/** The calendar month before the one of a moment, in UTC. */
export function previousMonth(at: Date): { from: Date; to: Date } {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  return { from: new Date(Date.UTC(year, month - 1)), to: new Date(Date.UTC(year, month)) }
}

/**
 * Asks for the monthly report of every app that there was in a month. An app has one of each month, however often this is done, and by
 * however many.
 *
 * @returns how many were asked for
 */
export async function scheduleReports(
  { db, clock, nudge }: Pick<Services, 'db' | 'clock' | 'nudge'>,
  { from, to }: { from: Date; to: Date },
): Promise<number> {
  let count = 0
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const apps = await db
      .selectFrom('app')
      .select('id')
      .where('created_at', '<', to)
      .where('id', '>', after)
      .orderBy('id')
      .limit(LOT)
      .execute()
    for (const { id: appId } of apps) {
      const id = randomUUID()
      const wanted = { id, appId, kinds: reportKinds, from, to, schedule: 'monthly' }
      const isNew = await transaction(db, (trx) => insertReport(trx, clockwork, wanted, clock.now()), {
        idempotent: true,
      })
      if (isNew) {
        count++
        nudge.report(id)
      }
    }
    const last = apps.at(-1)
    if (!last) return count
    after = last.id
  }
}
