import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { HeldObject, PlacedHold } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import { actorOf, type UserPrincipal } from '../principal.ts'
import { holdColumns, holdOf } from './hold-of.ts'

/** Where an object of each type is. */
const tables = { user: 'app_user', wallet: 'wallet', payment: 'payment', report: 'report' } as const

/**
 * Places a legal hold on something of the app, or on the app itself: from this commit on nothing of it is deleted, however old.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE (details: `holdId`) for what is under hold already, IDEMPOTENCY_MISMATCH
 */
export async function placeHold(
  services: Services,
  principal: UserPrincipal,
  input: { objectType: HeldObject; objectId: string; reason: string; idempotencyKey: string },
): Promise<PlacedHold> {
  const { db, clock } = services
  const { appId } = principal
  const { objectType, objectId, reason } = input
  const { id, replayed } = await once(services, intentionOf(principal, 'holds.place', input), async (trx, holdId) => {
    await requireObject(trx, appId, input)
    const standing = await trx
      .selectFrom('hold')
      .select('id')
      .where('object_id', '=', objectId)
      .where('released_at', 'is', null)
      .executeTakeFirst()
    if (standing)
      throw new DomainError('NOTHING_TO_CHANGE', `This ${objectType} is under hold already.`, { holdId: standing.id })
    const at = clock.now()
    const step = nextStep(emptyTrail, {
      object: { type: 'hold', id: holdId, appId },
      principal,
      type: 'hold.placed',
      at,
      data: { objectId, objectType, reason },
    })
    await trx
      .insertInto('hold')
      .values({
        id: holdId,
        app_id: appId,
        object_type: objectType,
        object_id: objectId,
        reason,
        placed_by: actorOf(principal),
        created_at: at,
        ...step.head,
      })
      .execute()
    await append(trx, step)
  })
  const row = await db.selectFrom('hold').select(holdColumns).where('id', '=', id).executeTakeFirstOrThrow()
  return { ...holdOf(row), replayed }
}

async function requireObject(
  trx: Kysely<Database>,
  appId: string,
  { objectType, objectId }: { objectType: HeldObject; objectId: string },
): Promise<void> {
  const found =
    objectType === 'app'
      ? objectId === appId
      : await trx
          .selectFrom(tables[objectType])
          .select('id')
          .where('id', '=', objectId)
          .where('app_id', '=', appId)
          .executeTakeFirst()
  if (!found) throw notFound(objectType)
}
