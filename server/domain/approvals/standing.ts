import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Caller, Role } from '../../contract/callers.ts'

/** Somebody by the name that the audit trail has for them, in the app where they act. */
export interface Actor {
  actor: string
  appId: string
}

/**
 * What an actor is at this moment, in the words of a procedure's declaration; nothing once their key has ended. Read in a commit,
 * so that a role or a key that was taken back counts for nothing from then on.
 */
export async function standingOf(
  trx: Kysely<Database>,
  { actor, appId }: Actor,
  now: Date,
): Promise<readonly Caller[]> {
  const [kind, id] = actor.split(':') as [string, string]
  if (kind === 'user') {
    const user = await trx
      .selectFrom('app_user')
      .select('roles')
      .where('id', '=', id)
      .where('app_id', '=', appId)
      .executeTakeFirst()
    return user ? ['user', ...(user.roles as Role[])] : []
  }
  if (kind !== 'key') return []
  const key = await trx
    .selectFrom('api_key')
    .select(['app_id', 'revoked_at', 'expires_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!key || key.revoked_at || (key.expires_at && key.expires_at <= now)) return []
  if (key.app_id === null) return ['platform']
  return key.app_id === appId ? ['service'] : []
}

/** Whether an actor is, at this moment, one of these. */
export const isOneOf = async (
  trx: Kysely<Database>,
  who: readonly Caller[],
  actor: Actor,
  now: Date,
): Promise<boolean> => (await standingOf(trx, actor, now)).some((caller) => who.includes(caller))

/**
 * Whether an approval was asked for with an API key that this actor made: whoever makes a key has seen its secret, so that what is asked for
 * with it may be their own wish. Neither ever changes, so it is read before a commit: in it, a look at the trail would meet whatever else is
 * written to trails at that time.
 */
export async function isAskedByKeyOf(db: Kysely<Database>, maker: string, approvalId: string): Promise<boolean> {
  const approval = await db
    .selectFrom('approval')
    .select('requested_by')
    .where('id', '=', approvalId)
    .executeTakeFirst()
  const [kind, id] = (approval?.requested_by ?? '').split(':') as [string, string]
  if (kind !== 'key') return false
  const made = await db
    .selectFrom('audit')
    .select('body')
    .where('stream', '=', id)
    .where('sequence', '=', 1n)
    .executeTakeFirst()
  return made !== undefined && (JSON.parse(made.body.toString()) as { actor: string }).actor === maker
}
