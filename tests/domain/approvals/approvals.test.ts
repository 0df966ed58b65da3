import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { Approval } from '../../../server/contract/entities.ts'
import { approve as approveVerb } from '../../../server/domain/approvals/approve.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { actorOf } from '../../../server/domain/principal.ts'
import { growth, rowCounts, withAdmin } from '../../http/support/rows.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'
import {
  approve,
  dataOf,
  expectRefusal,
  grant,
  merchantFor,
  platformKey,
  setRoles,
  trailOf,
  usersOf,
} from './support/wishes.ts'

let world: World
let [ada, grace]: Person[] = []
beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[ada, grace] = await Promise.all([person(world, { roles: ['operator'] }), person(world, { roles: ['operator'] })])
})
afterAll(() => world[Symbol.asyncDispose]())

const rolesOf = async (userId: string) => (await world.client.users.get.query({ userId })).roles
const stateOf = async ({ id }: { id: string }) =>
  dataOf<Approval>(await ada!.query('approvals.get', { approvalId: id })).state

test('nothing changes until somebody else approves; then it is done in the same commit', async () => {
  const somebody = await person(world)
  const before = await rowCounts(world.database)
  const wish = await grant(ada!, somebody.userId)
  expect(wish).toMatchObject({
    action: { type: 'role.grant', userId: somebody.userId, role: 'merchant' },
    reason: 'sells articles',
    state: 'requested',
    requestedBy: `user:${ada!.userId}`,
    decidedBy: null,
    decidedAt: null,
    note: null,
    replayed: false,
  })
  expect(wish.expiresAt.getTime() - wish.createdAt.getTime()).toBe(24 * 3_600_000)
  expect(growth(before, await rowCounts(world.database))).toEqual({ approval: 1, audit: 1, event: 1, idempotency: 1 })
  expect(await rolesOf(somebody.userId)).toEqual(['user'])

  const requested = await rowCounts(world.database)
  const decision = { approvalId: wish.id, note: 'as agreed' }
  const approved = dataOf<Approval>(await grace!.mutate('approvals.approve', decision))
  const { replayed: _, ...asked } = wish
  expect(approved).toEqual({
    ...asked,
    state: 'approved',
    decidedBy: `user:${grace!.userId}`,
    decidedAt: expect.any(Date),
    note: 'as agreed',
  })
  expect(growth(requested, await rowCounts(world.database))).toEqual({ audit: 2, event: 2 })
  expect(await rolesOf(somebody.userId)).toEqual(['user', 'merchant'])
  expect(dataOf<Approval>(await ada!.query('approvals.get', { approvalId: wish.id }))).toEqual(approved)
})

test('the trails of the approval and of the user tell who asked, who agreed and what became of it, and verify', async () => {
  const somebody = await person(world)
  const wish = await grant(ada!, somebody.userId)
  await approve(grace!, wish)

  const action = { type: 'role.grant', userId: somebody.userId, role: 'merchant' }
  const [adas, graces] = [`user:${ada!.userId}`, `user:${grace!.userId}`]
  expect(await trailOf(world, wish.id)).toMatchObject([
    { action: 'approval.requested', actor: adas, data: { action, reason: 'sells articles' } },
    { action: 'approval.approved', actor: graces, data: { action, note: null, requestedBy: adas } },
  ])
  expect(await trailOf(world, somebody.userId)).toMatchObject([
    { action: 'user.created' },
    {
      action: 'user.roles_changed',
      actor: graces,
      data: { approval: wish.id, change: 'granted', role: 'merchant', roles: ['merchant'] },
    },
  ])
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})

describe('another person decides', () => {
  test('whoever asked can neither approve nor reject', async () => {
    const somebody = await person(world)
    const wish = await grant(ada!, somebody.userId)
    const before = await rowCounts(world.database)
    for (const verb of ['approve', 'reject'])
      expectRefusal(
        await ada!.mutate(`approvals.${verb}`, { approvalId: wish.id, note: 'mine' }),
        'NEEDS_ANOTHER_PERSON',
      )
    expect(await rowCounts(world.database)).toEqual(before)
    expect(await stateOf(wish)).toBe('requested')
    expect(await rolesOf(somebody.userId)).toEqual(['user'])
  })

  test('the database itself refuses a decision by whoever asked, and one by nobody', async () => {
    const wish = await grant(ada!, (await person(world)).userId)
    const update = (set: string) => world.database.pool.query(`update approval set ${set} where id = $1`, [wish.id])
    const refused = { code: '23514' }
    await expect(update('decided_by = requested_by')).rejects.toMatchObject({
      ...refused,
      constraint: 'approval_by_another_person',
    })
    await expect(update("state = 'approved', decided_by = requested_by")).rejects.toMatchObject(refused)
    for (const state of ['approved', 'rejected'])
      await expect(update(`state = '${state}'`)).rejects.toMatchObject({
        ...refused,
        constraint: 'approval_decided_by_somebody',
      })
    expect(await stateOf(wish)).toBe('requested')
  })

  test('a key of the platform asks, and an operator approves', async () => {
    const { userId } = await person(world)
    const wish = await world.operator.users.grantRole.mutate({ ...merchantFor(userId), appId: world.appId })
    expect(wish.requestedBy).toMatch(/^key:/)
    const alone = await world.operator.approvals.approve.mutate({ approvalId: wish.id }).catch(errorOf)
    expect(alone).toMatchObject({ code: 'NEEDS_ANOTHER_PERSON' })

    expect(await approve(grace!, wish)).toMatchObject({ state: 'approved', requestedBy: wish.requestedBy })
    expect(await rolesOf(userId)).toEqual(['user', 'merchant'])
  })

  test('an operator asks, and a key of the platform approves', async () => {
    const { userId } = await person(world)
    const wish = await grant(ada!, userId)
    const approved = await world.operator.approvals.approve.mutate({ approvalId: wish.id, note: 'ticket 7' })
    expect(approved).toMatchObject({ state: 'approved', decidedBy: expect.stringMatching(/^key:/), note: 'ticket 7' })
    expect(await rolesOf(userId)).toEqual(['user', 'merchant'])
  })

  test('for an app without operators, two keys of the platform do', async () => {
    const { appId } = await world.stranger()
    const first = await person(world, { appId })
    const input = { ...merchantFor(first.userId), role: 'operator' as const, appId }
    const wish = await world.operator.users.grantRole.mutate(input)
    const { id, client } = await platformKey(world)
    expect(await client.approvals.approve.mutate({ approvalId: wish.id })).toMatchObject({ decidedBy: `key:${id}` })
    expect((await client.users.get.query({ appId, userId: first.userId })).roles).toEqual(['user', 'operator'])
  })

  test("nobody else does: people without the role, other roles, and the app's own servers", async () => {
    const wish = await grant(ada!, (await person(world)).userId)
    for (const roles of [[], ['merchant'], ['officer'], ['auditor']] as const) {
      const other = await person(world, { roles })
      for (const verb of ['approve', 'reject'])
        expectRefusal(await other.mutate(`approvals.${verb}`, { approvalId: wish.id, note: 'n' }), 'FORBIDDEN')
      expectRefusal(await other.mutate('users.grantRole', merchantFor(other.userId)), 'FORBIDDEN')
    }
    const server = await world.client.approvals.approve.mutate({ approvalId: wish.id } as never).catch(errorOf)
    expect(server).toMatchObject({ code: 'FORBIDDEN' })
    expect(await stateOf(wish)).toBe('requested')
  })

  test("an approval of another app is not found, by whatever operator of one's own", async () => {
    const wish = await grant(ada!, (await person(world)).userId)
    const { appId } = await world.stranger()
    const other = await person(world, { appId, roles: ['operator'] })
    expectRefusal(await other.query('approvals.get', { approvalId: wish.id }), 'NOT_FOUND')
    for (const verb of ['approve', 'reject'])
      expectRefusal(await other.mutate(`approvals.${verb}`, { approvalId: wish.id, note: 'n' }), 'NOT_FOUND')
    expect(dataOf(await other.query('approvals.list', {}))).toEqual({ items: [], nextCursor: null })
    expect(await stateOf(wish)).toBe('requested')
  })
})

describe('a decision is final', () => {
  test.each(['approve', 'reject'])('after one to %s, others are told so', async (verb) => {
    const wish = await grant(ada!, (await person(world)).userId)
    const input = { approvalId: wish.id, note: 'first' }
    const decided = dataOf<Approval>(await grace!.mutate(`approvals.${verb}`, input))
    const before = await rowCounts(world.database)
    const late = await person(world, { roles: ['operator'] })
    const counted = await rowCounts(world.database)
    for (const again of ['approve', 'reject'])
      expectRefusal(await late.mutate(`approvals.${again}`, { ...input, note: 'late' }), 'APPROVAL_CLOSED', {
        state: decided.state,
      })
    expect(await rowCounts(world.database)).toEqual(counted)
    expect(counted.approval).toBe(before.approval)
    expect(dataOf(await ada!.query('approvals.get', { approvalId: wish.id }))).toEqual(decided)
  })

  test('repeating one of one’s own answers with it and writes nothing; the opposite is refused', async () => {
    const wish = await grant(ada!, (await person(world)).userId)
    const rejected = await grace!.mutate('approvals.reject', { approvalId: wish.id, note: 'unknown person' })
    const before = await rowCounts(world.database)
    const again = await grace!.mutate('approvals.reject', { approvalId: wish.id, note: 'another note' })
    expect(dataOf(again)).toEqual(dataOf(rejected))
    expectRefusal(await grace!.mutate('approvals.approve', { approvalId: wish.id }), 'APPROVAL_CLOSED', {
      state: 'rejected',
    })
    expect(await rowCounts(world.database)).toEqual(before)
  })

  test('what was rejected is not done, and its trail tells why', async () => {
    const { userId } = await person(world)
    const wish = await grant(ada!, userId)
    await grace!.mutate('approvals.reject', { approvalId: wish.id, note: 'unknown person' })
    expect(await rolesOf(userId)).toEqual(['user'])
    expect((await trailOf(world, wish.id)).at(-1)).toMatchObject({
      action: 'approval.rejected',
      actor: `user:${grace!.userId}`,
      data: { note: 'unknown person' },
    })
  })
})

describe('an approval whose time is over', () => {
  test('can be neither approved nor rejected, though nobody has marked it yet', async () => {
    const { userId } = await person(world)
    const wish = await grant(ada!, userId)
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query('update approval set expires_at = now() where id = $1', [wish.id]),
    )
    const before = await rowCounts(world.database)
    for (const by of [grace!, ada!])
      for (const verb of ['approve', 'reject'])
        expectRefusal(await by.mutate(`approvals.${verb}`, { approvalId: wish.id, note: 'n' }), 'APPROVAL_CLOSED', {
          state: 'expired',
        })
    expect(await rowCounts(world.database)).toEqual(before)
    expect(await rolesOf(userId)).toEqual(['user'])
  })
})

describe('an action that can no longer be done', () => {
  test('is not approved: its approval stays open, and can be rejected', async () => {
    const { userId } = await person(world)
    const [first, second] = [await grant(ada!, userId), await grant(ada!, userId)]
    await approve(grace!, first)
    const before = await rowCounts(world.database)
    expectRefusal(await grace!.mutate('approvals.approve', { approvalId: second.id }), 'NOTHING_TO_CHANGE', {
      roles: ['merchant'],
    })
    expect(await rowCounts(world.database)).toEqual(before)
    expect(await stateOf(second)).toBe('requested')
    const rejected = await grace!.mutate('approvals.reject', { approvalId: second.id, note: 'done already' })
    expect(dataOf<Approval>(rejected).state).toBe('rejected')
  })

  test('is approved once it can be again', async () => {
    const { userId } = await person(world)
    const wish = await grant(ada!, userId)
    await setRoles(world, userId, ['merchant'])
    expectRefusal(await grace!.mutate('approvals.approve', { approvalId: wish.id }), 'NOTHING_TO_CHANGE')
    await setRoles(world, userId, ['officer'])
    expect((await approve(grace!, wish)).state).toBe('approved')
    expect(await rolesOf(userId)).toEqual(['user', 'merchant', 'officer'])
  })
})

describe('who no longer may', () => {
  test('what somebody asked for who lost the role since cannot be approved, only rejected', async () => {
    const [former, { userId }] = await Promise.all([person(world, { roles: ['operator'] }), person(world)])
    const wish = await grant(former, userId)
    await setRoles(world, former.userId, [])
    expectRefusal(await grace!.mutate('approvals.approve', { approvalId: wish.id }), 'REQUEST_VOID')
    expect(await rolesOf(userId)).toEqual(['user'])
    const rejected = await grace!.mutate('approvals.reject', { approvalId: wish.id, note: 'left the company' })
    expect(dataOf<Approval>(rejected).state).toBe('rejected')
  })

  test('nor what a key of the platform asked for that was revoked since', async () => {
    const { userId } = await person(world)
    const { id, client } = await platformKey(world)
    const wish = await client.users.grantRole.mutate({ ...merchantFor(userId), appId: world.appId })
    await world.operator.apiKeys.revoke.mutate({ keyId: id })
    expectRefusal(await grace!.mutate('approvals.approve', { approvalId: wish.id }), 'REQUEST_VOID')
  })

  test('somebody who lost the role after they were let in decides nothing', async () => {
    const [asker, former] = await usersOf(world, 2, 'operator')
    const { userId } = await person(world)
    const wish = await grant(ada!, userId)
    await setRoles(world, former!.userId, [])
    expect(former!.roles).toEqual(['operator'])
    const refused = await approveVerb(world.built.services, former!, { approvalId: wish.id, note: null }).catch(
      (error) => error,
    )
    expect(refused).toMatchObject({ code: 'FORBIDDEN' })
    expect(await stateOf(wish)).toBe('requested')
    const { services } = world.built
    const approved = await approveVerb(services, asker!, { approvalId: wish.id, note: null })
    expect(approved.decidedBy).toBe(actorOf(asker!))
  })
})
