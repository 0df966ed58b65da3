import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { HoldRelease } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep, type TrailHead } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'

/**
 * The hold that is to end.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE for one that was released
 */
export async function standingHold(
  trx: Kysely<Database>,
  { appId, action }: Asked<HoldRelease>,
): Promise<TrailHead & { id: string; object_type: string; object_id: string }> {
  const row = await trx
    .selectFrom('hold')
    .select(['id', 'object_type', 'object_id', 'released_at', 'version', 'audit_head'])
    .where('id', '=', action.holdId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('hold')
  if (row.released_at)
    throw new DomainError('NOTHING_TO_CHANGE', 'This hold was released before. Place another if one is needed.', {
      releasedAt: row.released_at,
    })
  return row
}

/** Ends a hold in the commit of its approval. What it kept may be deleted from then on, by its age. */
export async function releaseHold(
  trx: Kysely<Database>,
  { clock }: Services,
  approver: Principal,
  asked: Asked<HoldRelease>,
): Promise<void> {
  const { appId, approvalId } = asked
  const hold = await standingHold(trx, asked)
  const at = clock.now()
  const step = nextStep(hold, {
    object: { type: 'hold', id: hold.id, appId },
    principal: approver,
    type: 'hold.released',
    at,
    data: { approval: approvalId, objectId: hold.object_id, objectType: hold.object_type },
  })
  await trx
    .updateTable('hold')
    .set({ released_at: at, ...step.head })
    .where('id', '=', hold.id)
    .execute()
  await append(trx, step)
}
