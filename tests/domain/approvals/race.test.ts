import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '../../../server/contract/entities.ts'
import { approve } from '../../../server/domain/approvals/approve.ts'
import { reject } from '../../../server/domain/approvals/reject.ts'
import { requestApproval } from '../../../server/domain/approvals/request-approval.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import type { DomainError } from '../../../server/domain/domain-error.ts'
import { actorOf, type UserPrincipal } from '../../../server/domain/principal.ts'
import type { Services } from '../../../server/services.ts'
import { testWorld, type World } from '../../support/world.ts'
import { merchantFor, trailOf, usersOf } from './support/wishes.ts'

const ROUNDS = 20
const RIVALS = 20

let world: World
let asker: UserPrincipal
let rivals: UserPrincipal[]
/** Two instances of the service, on one database. */
let instances: Services[]
beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[asker, ...rivals] = (await usersOf(world, RIVALS + 1, 'operator')) as [UserPrincipal, ...UserPrincipal[]]
  instances = [world.built.services, world.instance().services]
})
afterAll(() => world[Symbol.asyncDispose]())

async function wish(): Promise<{ userId: string; approvalId: string }> {
  const [user] = await usersOf(world, 1)
  const { userId, role, reason, idempotencyKey } = merchantFor(user!.userId)
  const input = { appId: world.appId, action: { type: 'role.grant' as const, userId, role }, reason, idempotencyKey }
  const { id } = await requestApproval(instances[0]!, asker, input, 'users.grantRole')
  return { userId, approvalId: id }
}

type Verb = (
  services: Services,
  principal: UserPrincipal,
  input: { approvalId: string; note: string },
) => Promise<Approval>

/** Everybody decides at once: who did, and what the others heard. */
async function race(approvalId: string, verbOf: (rival: number) => Verb) {
  const outcomes = await Promise.all(
    rivals.map((rival, n) =>
      verbOf(n)(instances[n % 2]!, rival, { approvalId, note: `${n}` }).then(
        (approval) => ({ approval, error: null }),
        (error: DomainError) => ({ approval: null, error }),
      ),
    ),
  )
  return {
    won: outcomes.flatMap(({ approval }) => approval ?? []),
    refused: outcomes.flatMap(({ error }) => error ?? []),
  }
}

test(`of ${RIVALS} people who approve at the same time one does, and it is done once`, {
  timeout: 120_000,
}, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { userId, approvalId } = await wish()
    const { won, refused } = await race(approvalId, () => approve)
    expect(won).toHaveLength(1)
    expect(refused.map(({ code, details }) => [code, details])).toEqual(
      Array.from({ length: RIVALS - 1 }, () => ['APPROVAL_CLOSED', { state: 'approved' }]),
    )
    const [, approved, ...more] = await trailOf(world, approvalId)
    expect(more).toEqual([])
    expect(approved).toMatchObject({ action: 'approval.approved', actor: won[0]!.decidedBy })
    expect((await trailOf(world, userId)).map(({ action }) => action)).toEqual(['user.created', 'user.roles_changed'])
  }
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})

test('of people who approve and reject at the same time one decides, and it is done or not as they said', {
  timeout: 120_000,
}, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { userId, approvalId } = await wish()
    const { won, refused } = await race(approvalId, (rival) => (rival % 2 === round % 2 ? approve : reject))
    expect(won).toHaveLength(1)
    const { state } = won[0]!
    expect(refused.map(({ code, details }) => [code, details])).toEqual(
      Array.from({ length: RIVALS - 1 }, () => ['APPROVAL_CLOSED', { state }]),
    )
    const { roles } = await world.client.users.get.query({ userId })
    expect(roles).toEqual(state === 'approved' ? ['user', 'merchant'] : ['user'])
  }
})

test('one person who approves many times at once approved, and it is done once', async () => {
  const { userId, approvalId } = await wish()
  const [one] = rivals
  const answers = await Promise.all(
    Array.from({ length: RIVALS }, (_, n) => approve(instances[n % 2]!, one!, { approvalId, note: 'yes' })),
  )
  for (const answer of answers) expect(answer).toEqual(answers[0])
  expect(answers[0]).toMatchObject({ state: 'approved', decidedBy: actorOf(one!) })
  expect(await trailOf(world, approvalId)).toHaveLength(2)
  expect(await trailOf(world, userId)).toHaveLength(2)
})

test('whoever asked loses every race of their own', async () => {
  const { userId, approvalId } = await wish()
  const outcomes = await Promise.all(
    Array.from({ length: RIVALS }, (_, n) =>
      approve(instances[n % 2]!, asker, { approvalId, note: 'mine' }).catch(({ code }) => code),
    ),
  )
  expect(new Set(outcomes)).toEqual(new Set(['NEEDS_ANOTHER_PERSON']))
  expect((await world.client.users.get.query({ userId })).roles).toEqual(['user'])
})
