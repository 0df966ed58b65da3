import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type Client, createClient } from '../../../../client-sdk/index.ts'
import type { Approval, RoleChange } from '../../../../server/contract/entities.ts'
import type { ErrorCode } from '../../../../server/contract/errors.ts'
import { insertApiKey } from '../../../../server/domain/api-keys/insert-api-key.ts'
import { newSecret } from '../../../../server/domain/api-keys/secret.ts'
import type { UserPrincipal } from '../../../../server/domain/principal.ts'
import { insertUser } from '../../../../server/domain/users/insert-user.ts'
import type { Answer } from '../../../http/support/calls.ts'
import { withAdmin } from '../../../http/support/rows.ts'
import type { Person } from '../../../support/people.ts'
import type { World } from '../../../support/world.ts'

export type Requested = Approval & { replayed: boolean }

/** What somebody may ask for: that a user sells. */
export const merchantFor = (userId: string, patch: object = {}) => ({
  userId,
  role: 'merchant' as const,
  reason: 'sells articles',
  idempotencyKey: randomUUID(),
  ...patch,
})

/** The answer to a call that must succeed. */
export function dataOf<T>({ status, data, text }: Answer): T {
  expect(status, text).toBe(200)
  return data as T
}

export const grant = async (by: Person, userId: string, patch: object = {}): Promise<Requested> =>
  dataOf(await by.mutate('users.grantRole', merchantFor(userId, patch)))

export const revoke = async (by: Person, userId: string, patch: object = {}): Promise<Requested> =>
  dataOf(await by.mutate('users.revokeRole', merchantFor(userId, patch)))

export const approve = async (by: Person, { id }: { id: string }): Promise<Approval> =>
  dataOf(await by.mutate('approvals.approve', { approvalId: id }))

export function expectRefusal(answer: Answer, code: ErrorCode, details?: object): void {
  expect(answer.error?.data, answer.text).toMatchObject({ code, ...(details && { details }) })
}

/** A further key of the platform's operators. */
export async function platformKey({ built, url }: World): Promise<{ id: string; client: Client }> {
  const [id, secret] = [randomUUID(), newSecret()]
  const key = { id, appId: null, name: 'another', secret, scopes: null, createdAt: new Date(), expiresAt: null }
  await insertApiKey(built.services.db, { kind: 'system', name: 'test' }, key)
  return { id, client: createClient({ url, apiKey: secret }) }
}

/** Users of the world's app who never signed in, and act by the domain alone. */
export const usersOf = async (
  { built: { services }, appId }: World,
  count: number,
  role?: RoleChange['role'],
): Promise<UserPrincipal[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const roles = role ? [role] : []
      const userId = randomUUID()
      const address = `0x${userId.replaceAll('-', '')}cafecafe` as const
      const user = { id: userId, appId, address, roles, createdAt: services.clock.now() }
      await insertUser(services.db, { kind: 'system', name: 'test' }, user)
      return { kind: 'user', userId, appId, sessionId: randomUUID(), roles, scopes: null } satisfies UserPrincipal
    }),
  )

/** Does what nobody may by a procedure: sets roles without a second person. */
export const setRoles = ({ database }: World, userId: string, roles: string[]) =>
  withAdmin(database.adminUrl, (admin) => admin.query('update app_user set roles = $1 where id = $2', [roles, userId]))

/** What happened to an object, by the actions of its trail, with who did it and the facts. */
export async function trailOf(
  { client }: Pick<World, 'client'>,
  objectId: string,
): Promise<{ action: string; actor: string; at: string; data: Record<string, unknown> }[]> {
  const { items } = await client.audit.trail.query({ objectId })
  return items.map(({ body }) => JSON.parse(body))
}
