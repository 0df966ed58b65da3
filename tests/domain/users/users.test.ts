import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import type { Page, User } from '../../../server/contract/entities.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { keyHeaders } from '../../http/support/callers.ts'
import { call } from '../../http/support/calls.ts'
import { rowCounts } from '../../http/support/rows.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'
import { dataOf, expectRefusal, trailOf } from '../approvals/support/wishes.ts'

let world: World
let operator: Person
beforeAll(async () => {
  world = await testWorld({ workers: false })
  operator = await person(world, { roles: ['operator'] })
})
afterAll(() => world[Symbol.asyncDispose]())

const idsOf = ({ items }: Page<User>) => items.map(({ id }) => id)

test('people are listed newest first, page by page, and by role', async () => {
  const { appId, client } = await world.stranger()
  const people: Person[] = []
  for (const roles of [[], ['merchant'], ['officer', 'merchant'], ['auditor'], []] as const)
    people.push(await person(world, { appId, roles }))
  const newestFirst = people.map(({ userId }) => userId).reverse()

  const first = await client.users.list.query({ limit: 2 })
  const rest = await client.users.list.query({ limit: 10, cursor: first.nextCursor })
  expect([...idsOf(first), ...idsOf(rest)]).toEqual(newestFirst)
  expect(rest.nextCursor).toBeNull()
  expect(idsOf(await client.users.list.query({ role: 'merchant' }))).toEqual([people[2]!.userId, people[1]!.userId])
  expect(await client.users.list.query({ role: 'operator' })).toEqual({ items: [], nextCursor: null })
  expect(idsOf(await world.operator.users.list.query({ appId }))).toEqual(newestFirst)
})

test('people are found by any wallet of theirs, in their own app alone', async () => {
  const somebody = await person(world)
  const wallet = await world.wallet(0n)
  await world.client.wallets.link.mutate({ walletId: wallet.id, userId: somebody.userId })
  for (const address of [somebody.account.address, wallet.address])
    expect(idsOf(await world.client.users.list.query({ address }))).toEqual([somebody.userId])

  const nobodys = await world.wallet(0n)
  expect(idsOf(await world.client.users.list.query({ address: nobodys.address }))).toEqual([])
  const { appId, client } = await world.stranger()
  expect(idsOf(await client.users.list.query({ address: wallet.address }))).toEqual([])
  const elsewhere = await person(world, { appId, account: somebody.account })
  expect(elsewhere.userId).not.toBe(somebody.userId)
  expect(idsOf(await client.users.list.query({ address: somebody.account.address }))).toEqual([elsewhere.userId])
})

test('an operator who was named and never signed in is found by the address they were named by', async () => {
  const { account } = await person(world)
  const { id: appId } = await world.operator.apps.create.mutate({
    name: 'new',
    operators: [account.address],
    idempotencyKey: randomUUID(),
  })
  const { items } = await world.operator.users.list.query({ appId, address: account.address })
  expect(items).toMatchObject([{ address: account.address, roles: ['user', 'operator'] }])
})

test('those who oversee the app see its people; people do not see each other', async () => {
  const somebody = await person(world)
  const expected = { id: somebody.userId, address: somebody.account.address, roles: ['user'] }
  for (const roles of [['officer'], ['auditor'], ['operator']] as const) {
    const overseer = await person(world, { roles })
    expect(dataOf(await overseer.query('users.get', { userId: somebody.userId }))).toMatchObject(expected)
  }
  const input = { userId: somebody.userId, appId: world.appId }
  expect(await world.operator.users.get.query(input)).toMatchObject(expected)
  for (const roles of [[], ['merchant']] as const) {
    const other = await person(world, { roles })
    expectRefusal(await other.query('users.get', { userId: somebody.userId }), 'FORBIDDEN')
    expectRefusal(await other.query('users.list', {}), 'FORBIDDEN')
  }
})

test('a user of another app is not found, by its name neither', async () => {
  const { appId } = await world.stranger()
  const { userId } = await person(world, { appId })
  for (const input of [{ userId }, { userId, appId }]) {
    expectRefusal(await operator.query('users.get', input), 'NOT_FOUND')
    expectRefusal(await operator.mutate('users.signOut', input), 'NOT_FOUND')
  }
  const unnamed = await world.operator.users.get.query({ userId }).catch(errorOf)
  expect(unnamed).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('appId') })
})

test('a user whose device was lost is signed out everywhere at once, with the tokens made there', async () => {
  const somebody = await person(world)
  const again = await person(world, { account: somebody.account })
  const other = await person(world)
  const token = await again.token('account:read')
  const me = (headers: Record<string, string>) =>
    call(world.url, { path: 'auth.me', type: 'query' }, undefined, { origin: again.headers.origin, ...headers })
  expect((await me(keyHeaders(token))).status).toBe(200)

  expect(dataOf(await operator.mutate('users.signOut', { userId: somebody.userId }))).toEqual({ ended: 2 })

  for (const headers of [somebody.headers, again.headers, keyHeaders(token)])
    expectRefusal(await me(headers), 'UNAUTHENTICATED')
  expect((await me(other.headers)).status).toBe(200)
  for (const { sessionId } of [somebody, again])
    expect(await trailOf(world, sessionId)).toMatchObject([
      { action: 'session.created' },
      { action: 'session.revoked', actor: `user:${operator.userId}`, data: { user: somebody.userId } },
    ])
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])

  const before = await rowCounts(world.database)
  const input = { userId: somebody.userId, appId: world.appId }
  expect(await world.operator.users.signOut.mutate(input)).toEqual({ ended: 0 })
  expect(await rowCounts(world.database)).toEqual(before)
  const back = await person(world, { account: somebody.account })
  expect(back.userId).toBe(somebody.userId)
})

test('a key that is not good for it neither changes nor sees people', async () => {
  const { appId } = world
  const { secret } = await world.operator.apiKeys.create.mutate({
    appId,
    name: 'payments alone',
    scopes: ['payments:read'],
    idempotencyKey: randomUUID(),
  })
  const client = createClient({ url: world.url, apiKey: secret! })
  expect(await client.users.list.query({}).catch(errorOf)).toMatchObject({
    code: 'FORBIDDEN',
    details: { scope: 'users:read' },
  })
  const { userId } = await person(world)
  expect(await world.client.users.signOut.mutate({ userId } as never).catch(errorOf)).toMatchObject({
    code: 'FORBIDDEN',
  })
})
