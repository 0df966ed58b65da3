import type { Kysely } from 'kysely'
import type { Database, SessionRow } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { sessionColumns } from './session-of.ts'

type Row = Pick<SessionRow, (typeof sessionColumns)[number] | 'app_id' | 'user_id' | 'version' | 'audit_head'>

/** Which sessions of a user to end: one, or all. */
export interface Sessions {
  appId: string
  userId: string
  sessionId?: string
}

/**
 * Ends sessions, each with its audit leaf and event, in one commit. Answers with those it found as they are now; ended ones stay
 * as they were.
 */
export const revokeSessions = (
  services: Pick<Services, 'db' | 'clock'>,
  principal: Principal,
  which: Sessions,
): Promise<Row[]> =>
  transaction(
    services.db,
    async (trx) => {
      const now = services.clock.now()
      const rows = await rowsOf(trx, which)
      return Promise.all(rows.map((row) => (row.revoked_at ? row : revoke(trx, principal, row, now))))
    },
    { idempotent: true },
  )

const rowsOf = (trx: Kysely<Database>, { appId, userId, sessionId }: Sessions): Promise<Row[]> => {
  const rows = trx
    .selectFrom('session')
    .select([...sessionColumns, 'app_id', 'user_id', 'version', 'audit_head'])
    .where('user_id', '=', userId)
    .where('app_id', '=', appId)
  return (sessionId ? rows.where('id', '=', sessionId) : rows.where('revoked_at', 'is', null)).execute()
}

async function revoke(trx: Kysely<Database>, principal: Principal, row: Row, now: Date): Promise<Row> {
  const step = nextStep(row, {
    object: { type: 'session', id: row.id, appId: row.app_id },
    principal,
    type: 'session.revoked',
    at: now,
    data: { user: row.user_id },
  })
  await trx
    .updateTable('session')
    .set({ revoked_at: now, ...step.head })
    .where('id', '=', row.id)
    .execute()
  await append(trx, step)
  return { ...row, revoked_at: now }
}
