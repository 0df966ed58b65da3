import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'
import { type Action, ruleOf } from './actions.ts'

/** Ends an approval that nobody decided on in time. Does nothing to one that was decided, or still has time. */
export const expireApproval = (services: Services, { id }: { id: string }): Promise<void> =>
  transaction(
    services.db,
    async (trx) => {
      const now = services.clock.now()
      const row = await trx
        .selectFrom('approval')
        .select(['app_id', 'action', 'requested_by', 'version', 'audit_head'])
        .where('id', '=', id)
        .where('state', '=', 'requested')
        .where('expires_at', '<=', now)
        .executeTakeFirst()
      if (!row) return
      const principal: Principal = { kind: 'system', name: 'clock' }
      // it was checked when it was stored, and never changes
      const action = row.action as Action
      const step = nextStep(row, {
        object: { type: 'approval', id, appId: row.app_id },
        principal,
        type: 'approval.expired',
        at: now,
        data: { action, requestedBy: row.requested_by },
      })
      await trx
        .updateTable('approval')
        .set({ state: 'expired', next_attempt_at: null, ...step.head })
        .where('id', '=', id)
        .execute()
      await append(trx, step)
      await ruleOf(action).drop?.(trx, services, principal, { approvalId: id, appId: row.app_id, action })
    },
    { idempotent: true },
  )
