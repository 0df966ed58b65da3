import { afterAll, beforeAll, expect, test } from 'vitest'
import { expireApproval } from '../../../server/domain/approvals/expire-approval.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { claimOverdue, postponeOverdue } from '../../../server/domain/deadlines.ts'
import { SHARDS } from '../../../server/domain/shard.ts'
import { rowCounts } from '../../http/support/rows.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, type World } from '../../support/world.ts'
import { merchantFor, platformKey, trailOf, usersOf } from './support/wishes.ts'

const DAY = 24 * 3_600_000

let world: World
let now = Date.now()
const clock = { now: () => new Date(now) }
beforeAll(async () => {
  world = await testWorld({ workers: false, clock })
})
afterAll(() => world[Symbol.asyncDispose]())

const request = async () => {
  const [user] = await usersOf(world, 1)
  return world.operator.users.grantRole.mutate({ ...merchantFor(user!.userId), appId: world.appId })
}

const read = (approvalId: string) => world.operator.approvals.get.query({ approvalId })

const claimAll = async () =>
  (
    await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) => claimOverdue(world.built.services, 'approval', shard, 100)),
    )
  ).flat()

test('undecided for 24 hours, an approval expires by itself, once, by the clock', async () => {
  await using running = await testWorld({ clock })
  const [user, decided] = await usersOf(running, 2)
  const input = { ...merchantFor(user!.userId), appId: running.appId }
  const wish = await running.operator.users.grantRole.mutate(input)
  const approved = await running.operator.users.grantRole.mutate({
    ...merchantFor(decided!.userId),
    appId: running.appId,
  })
  const { client } = await platformKey(running)
  await client.approvals.approve.mutate({ approvalId: approved.id })

  now += DAY
  const expired = await eventually(async () => {
    const approval = await running.operator.approvals.get.query({ approvalId: wish.id })
    expect(approval.state).toBe('expired')
    return approval
  })
  expect(expired).toMatchObject({ decidedBy: null, decidedAt: null, note: null })
  expect((await running.operator.approvals.get.query({ approvalId: approved.id })).state).toBe('approved')
  expect(await trailOf(running, wish.id)).toMatchObject([
    { action: 'approval.requested' },
    { action: 'approval.expired', actor: 'system:clock', data: { requestedBy: wish.requestedBy } },
  ])
  expect(await trailOf(running, approved.id)).toHaveLength(2)
  const late = await client.approvals.approve.mutate({ approvalId: wish.id }).catch((error) => error)
  expect(late).toMatchObject({ code: 'APPROVAL_CLOSED', details: { state: 'expired' } })
  expect((await running.client.users.get.query({ userId: user!.userId })).roles).toEqual(['user'])
  expect((await verifyTrails(running.built.services.db)).faults).toEqual([])
})

test('it can be approved until the last millisecond, and not in the one after', async () => {
  const { client } = await platformKey(world)
  const [inTime, late] = [await request(), await request()]
  now = inTime.expiresAt.getTime() - 1
  expect((await client.approvals.approve.mutate({ approvalId: inTime.id })).state).toBe('approved')
  now += 1
  expect(clock.now()).toEqual(late.expiresAt)
  const refused = await client.approvals.approve.mutate({ approvalId: late.id }).catch((error) => error)
  expect(refused).toMatchObject({ code: 'APPROVAL_CLOSED', details: { state: 'expired' } })
  expect((await read(late.id)).state).toBe('requested')
  await expireApproval(world.built.services, late)
  expect((await read(late.id)).state).toBe('expired')
})

test('neither an open approval nor a decided one is expired, whoever tries', async () => {
  const [open, rejected] = [await request(), await request()]
  const { client } = await platformKey(world)
  await client.approvals.reject.mutate({ approvalId: rejected.id, note: 'no' })
  const before = await rowCounts(world.database)
  await expireApproval(world.built.services, open)
  now += DAY
  await expireApproval(world.built.services, rejected)
  expect(await rowCounts(world.database)).toEqual(before)
  expect([(await read(open.id)).state, (await read(rejected.id)).state]).toEqual(['requested', 'rejected'])
})

test('workers at one time expire it once', async () => {
  const { id } = await request()
  now += DAY
  await Promise.all(Array.from({ length: 10 }, () => expireApproval(world.built.services, { id })))
  expect((await trailOf(world, id)).map(({ action }) => action)).toEqual(['approval.requested', 'approval.expired'])
})

test('of two workers one claims it; it is due again when the claim ends or it is given back', async () => {
  const { id } = await request()
  expect((await claimAll()).map((claimed) => claimed.id)).not.toContain(id)
  now += DAY
  const claims = (await Promise.all([claimAll(), claimAll()])).flat().filter((claimed) => claimed.id === id)
  expect(claims).toEqual([{ id, attempts: 1 }])
  expect(await claimAll()).toEqual([])

  now += world.built.services.patience.lease
  expect((await claimAll()).find((claimed) => claimed.id === id)).toEqual({ id, attempts: 2 })
  await postponeOverdue(world.built.services, 'approval', { id, attempts: 2 })
  now += 3_999
  expect((await claimAll()).map((claimed) => claimed.id)).not.toContain(id)
  now += 1
  const [again] = (await claimAll()).filter((claimed) => claimed.id === id)
  expect(again).toEqual({ id, attempts: 3 })

  await expireApproval(world.built.services, again!)
  await postponeOverdue(world.built.services, 'approval', again!)
  now += DAY
  expect((await claimAll()).map((claimed) => claimed.id)).not.toContain(id)
})
