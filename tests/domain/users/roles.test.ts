import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, errorOf } from '../../../client-sdk/index.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'
import {
  approve,
  dataOf,
  expectRefusal,
  grant,
  merchantFor,
  platformKey,
  revoke,
  trailOf,
} from '../approvals/support/wishes.ts'

let world: World
let [ada, grace]: Person[] = []
beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[ada, grace] = await Promise.all([person(world, { roles: ['operator'] }), person(world, { roles: ['operator'] })])
})
afterAll(() => world[Symbol.asyncDispose]())

const newPaywall = () => ({
  title: 'An article',
  assetId: world.assetId,
  price: USDC,
  recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  idempotencyKey: randomUUID(),
})

test('a role bites at once, in a session that began before it, when it is granted and when it is revoked', async () => {
  const somebody = await person(world)
  const open = () => somebody.mutate('paywalls.create', newPaywall())
  expectRefusal(await open(), 'FORBIDDEN')

  const wish = await grant(ada!, somebody.userId)
  expectRefusal(await open(), 'FORBIDDEN')
  await approve(grace!, wish)
  expect((await open()).status).toBe(200)

  const farewell = await revoke(grace!, somebody.userId)
  expect((await open()).status).toBe(200)
  await approve(ada!, farewell)
  expectRefusal(await open(), 'FORBIDDEN')
  expect(dataOf(await somebody.query('auth.me'))).toMatchObject({ user: { roles: ['user'] } })
})

test('an operator whose role was revoked decides, asks for and sees nothing from then on', async () => {
  const former = await person(world, { roles: ['operator'] })
  const wish = await grant(ada!, (await person(world)).userId)
  await approve(grace!, await revoke(ada!, former.userId, { role: 'operator' }))
  expectRefusal(await former.mutate('approvals.approve', { approvalId: wish.id }), 'FORBIDDEN')
  expectRefusal(await former.mutate('users.grantRole', merchantFor(former.userId)), 'FORBIDDEN')
  expectRefusal(await former.query('users.list', {}), 'FORBIDDEN')
})

test('roles are kept sorted, each once, and the trail tells each change', async () => {
  const { userId } = await person(world)
  for (const role of ['officer', 'merchant', 'auditor'])
    await approve(grace!, await grant(ada!, userId, { role, reason: `needs ${role}` }))
  await approve(ada!, await revoke(grace!, userId, { role: 'merchant' }))

  expect((await world.client.users.get.query({ userId })).roles).toEqual(['user', 'auditor', 'officer'])
  const [, ...changes] = await trailOf(world, userId)
  expect(changes.map(({ data: { change, role, roles } }) => [change, role, roles])).toEqual([
    ['granted', 'officer', ['officer']],
    ['granted', 'merchant', ['merchant', 'officer']],
    ['granted', 'auditor', ['auditor', 'merchant', 'officer']],
    ['revoked', 'merchant', ['auditor', 'officer']],
  ])
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})

test('changes of one user at the same time all count', async () => {
  const { userId } = await person(world)
  const wishes = await Promise.all(
    (['merchant', 'officer', 'auditor', 'operator'] as const).map((role) => grant(ada!, userId, { role })),
  )
  await Promise.all(wishes.map((wish) => approve(grace!, wish)))
  expect((await world.client.users.get.query({ userId })).roles).toEqual([
    'user',
    'auditor',
    'merchant',
    'officer',
    'operator',
  ])
  expect(await trailOf(world, userId)).toHaveLength(5)
})

describe('the last operator', () => {
  test('does not lose the role, whoever asks', async () => {
    const { appId } = await world.stranger()
    const only = await person(world, { appId, roles: ['operator', 'officer'] })
    const wish = { ...merchantFor(only.userId), role: 'operator' as const }
    expectRefusal(await only.mutate('users.revokeRole', wish), 'LAST_OPERATOR')
    const refused = await world.operator.users.revokeRole.mutate({ ...wish, appId }).catch((error) => error)
    expect(refused).toMatchObject({ code: 'LAST_OPERATOR', status: 409, retryable: false })
    // their other roles they may lose
    const other = await revoke(only, only.userId, { role: 'officer' })
    await world.operator.approvals.approve.mutate({ approvalId: other.id })
    expect((await world.operator.users.get.query({ appId, userId: only.userId })).roles).toEqual(['user', 'operator'])
  })

  test('is one of two who are to lose it at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const { appId } = await world.stranger()
      const [one, another] = await Promise.all([
        person(world, { appId, roles: ['operator'] }),
        person(world, { appId, roles: ['operator'] }),
      ])
      const [first, second] = await Promise.all([
        revoke(another, one.userId, { role: 'operator' }),
        revoke(one, another.userId, { role: 'operator' }),
      ])
      const outcomes = await Promise.all([first, second].map((wish) => outcomeOf(world.operator, wish)))
      // whoever lost the role first no longer asks for anything
      expect(outcomes.sort()).toEqual(['REQUEST_VOID', 'approved'])
      const { items } = await world.operator.users.list.query({ appId, role: 'operator' })
      expect(items).toHaveLength(1)
    }
  })

  test('is one of two who are to lose it at the same time by the word of the platform', async () => {
    const { client } = await platformKey(world)
    for (let round = 0; round < 5; round++) {
      const { appId } = await world.stranger()
      const operators = await Promise.all([1, 2].map(() => person(world, { appId, roles: ['operator'] })))
      const wishes = await Promise.all(
        operators.map(({ userId }) =>
          world.operator.users.revokeRole.mutate({ ...merchantFor(userId), role: 'operator', appId }),
        ),
      )
      const outcomes = await Promise.all(wishes.map((wish) => outcomeOf(client, wish)))
      expect(outcomes.sort()).toEqual(['LAST_OPERATOR', 'approved'])
      const { items } = await world.operator.users.list.query({ appId, role: 'operator' })
      expect(items).toHaveLength(1)
    }
  })
})

/** How it ends that somebody approves. */
const outcomeOf = (client: Client, { id }: { id: string }): Promise<string> =>
  client.approvals.approve.mutate({ approvalId: id }).then(
    ({ state }) => state,
    (error) => errorOf(error).code,
  )
