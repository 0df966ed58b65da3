import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval, Page } from '../../../server/contract/entities.ts'
import { requestApproval } from '../../../server/domain/approvals/request-approval.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'
import {
  approve,
  dataOf,
  expectRefusal,
  grant,
  merchantFor,
  type Requested,
  setRoles,
  usersOf,
} from './support/wishes.ts'

let world: World
let [ada, grace]: Person[] = []
beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[ada, grace] = await Promise.all([person(world, { roles: ['operator'] }), person(world, { roles: ['operator'] })])
})
afterAll(() => world[Symbol.asyncDispose]())

test('of calls at once with one idempotency key, one approval comes', async () => {
  const { userId } = await person(world)
  const input = merchantFor(userId)
  const before = await rowCounts(world.database)
  const wishes = (await Promise.all(Array.from({ length: 10 }, () => ada!.mutate('users.grantRole', input)))).map(
    (answer) => dataOf<Requested>(answer),
  )
  expect(new Set(wishes.map(({ id }) => id)).size).toBe(1)
  expect(wishes.filter(({ replayed }) => !replayed)).toHaveLength(1)
  expect(growth(before, await rowCounts(world.database))).toEqual({ approval: 1, audit: 1, event: 1, idempotency: 1 })
})

test('a repetition after the decision answers with the decided approval, and asks for nothing anew', async () => {
  const { userId } = await person(world)
  const input = merchantFor(userId)
  const wish = dataOf<Requested>(await ada!.mutate('users.grantRole', input))
  const approved = await approve(grace!, wish)
  const before = await rowCounts(world.database)
  expect(dataOf(await ada!.mutate('users.grantRole', input))).toEqual({ ...approved, replayed: true })
  expect(await rowCounts(world.database)).toEqual(before)
})

test('the key is bound to the body, to the procedure and to whoever asks', async () => {
  const { userId } = await person(world)
  const input = merchantFor(userId)
  const first = dataOf<Requested>(await ada!.mutate('users.grantRole', input))
  for (const patch of [{ role: 'officer' }, { reason: 'another' }, { userId: (await person(world)).userId }])
    expectRefusal(await ada!.mutate('users.grantRole', { ...input, ...patch }), 'IDEMPOTENCY_MISMATCH')
  expectRefusal(await ada!.mutate('users.revokeRole', input), 'NOTHING_TO_CHANGE')
  const graces = dataOf<Requested>(await grace!.mutate('users.grantRole', input))
  expect(graces).toMatchObject({ replayed: false })
  expect(graces.id).not.toBe(first.id)
})

test('what could not be done now is not asked for', async () => {
  const { userId } = await person(world, { roles: ['merchant'] })
  const before = await rowCounts(world.database)
  expectRefusal(await ada!.mutate('users.grantRole', merchantFor(userId)), 'NOTHING_TO_CHANGE', { roles: ['merchant'] })
  expectRefusal(await ada!.mutate('users.revokeRole', merchantFor(userId, { role: 'auditor' })), 'NOTHING_TO_CHANGE')
  expectRefusal(await ada!.mutate('users.grantRole', merchantFor(randomUUID())), 'NOT_FOUND')
  expect(await rowCounts(world.database)).toEqual(before)
})

test('a user of another app is not found, whoever asks', async () => {
  const { appId } = await world.stranger()
  const theirs = await person(world, { appId })
  expectRefusal(await ada!.mutate('users.grantRole', merchantFor(theirs.userId)), 'NOT_FOUND')
  expectRefusal(await ada!.mutate('users.grantRole', merchantFor(theirs.userId, { appId })), 'NOT_FOUND')
})

test('somebody who lost the role after they were let in asks for nothing', async () => {
  const [former] = await usersOf(world, 1, 'operator')
  const { userId } = await person(world)
  await setRoles(world, former!.userId, [])
  const before = await rowCounts(world.database)
  const input = { appId: world.appId, reason: 'r', idempotencyKey: randomUUID() }
  const action = { type: 'role.grant', userId, role: 'operator' } as const
  const refused = await requestApproval(world.built.services, former!, { ...input, action }, 'users.grantRole').catch(
    (error) => error,
  )
  expect(refused).toMatchObject({ code: 'FORBIDDEN', details: { for: ['operator', 'platform'] } })
  expect(await rowCounts(world.database)).toEqual(before)
})

test('approvals are listed newest first, page by page, by their state, to those who oversee the app', async () => {
  const { appId } = await world.stranger()
  const [one, another, officer, auditor] = await Promise.all([
    person(world, { appId, roles: ['operator'] }),
    person(world, { appId, roles: ['operator'] }),
    person(world, { appId, roles: ['officer'] }),
    person(world, { appId, roles: ['auditor'] }),
  ])
  const wishes: Requested[] = []
  for (let n = 0; n < 5; n++) wishes.push(await grant(one, (await person(world, { appId })).userId))
  await approve(another, wishes[1]!)
  await another.mutate('approvals.reject', { approvalId: wishes[3]!.id, note: 'no' })

  const list = async (by: Person, input: object) => dataOf<Page<Approval>>(await by.query('approvals.list', input))
  const newestFirst = wishes.map(({ id }) => id).reverse()
  for (const by of [one, officer, auditor]) {
    const first = await list(by, { limit: 3 })
    const rest = await list(by, { limit: 3, cursor: first.nextCursor })
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(newestFirst)
    expect(rest.nextCursor).toBeNull()
  }
  const open = await list(auditor, { state: 'requested' })
  expect(open.items.map(({ id }) => id)).toEqual([wishes[4]!.id, wishes[2]!.id, wishes[0]!.id])
  expect((await world.operator.approvals.list.query({ appId, state: 'rejected' })).items).toMatchObject([
    { id: wishes[3]!.id, note: 'no' },
  ])
  expectRefusal(await (await person(world, { appId, roles: ['merchant'] })).query('approvals.list', {}), 'FORBIDDEN')
})
