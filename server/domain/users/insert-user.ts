import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { GrantedRole } from '../../contract/callers.ts'
import type { Address } from '../../contract/entities.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import type { Principal } from '../principal.ts'

/** Writes a new user of an app, known by an address. */
export async function insertUser(
  trx: Kysely<Database>,
  principal: Principal,
  user: { id: string; appId: string; address: Address; roles: GrantedRole[]; createdAt: Date },
): Promise<void> {
  const { id, appId, address, roles, createdAt } = user
  const step = nextStep(emptyTrail, {
    object: { type: 'user', id, appId },
    principal,
    type: 'user.created',
    at: createdAt,
    data: { address, roles },
  })
  await trx
    .insertInto('app_user')
    .values({ id, app_id: appId, address, roles, created_at: createdAt, ...step.head })
    .execute()
  await append(trx, step)
}
