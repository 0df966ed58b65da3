import { randomUUID } from 'node:crypto'
import { getAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, errorOf } from '../../../client-sdk/index.ts'
import type { ListChange, ListKind } from '../../../server/contract/entities.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { approvalOf, approved, entryOf, takeOff } from '../../support/lists.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'
import { expectRefusal, platformKey, setRoles, trailOf } from '../approvals/support/wishes.ts'

let world: World
let officers: [Person, Person]
let operator: Person
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  const [one, two, three] = await Promise.all([
    person(world, { roles: ['officer'] }),
    person(world, { roles: ['officer'] }),
    person(world, { roles: ['operator'] }),
  ])
  officers = [one, two]
  operator = three
})
afterAll(() => world[Symbol.asyncDispose]())

type Addition = Parameters<Client['lists']['add']['mutate']>[0]

const listOf = async (kind: ListKind): Promise<string> => {
  const { name } = await world.client.lists.create.mutate({ name: randomUUID(), kind })
  return name
}
const add = (list: string, patch: Partial<Addition> = {}): Promise<ListChange> =>
  world.client.lists.add.mutate({
    list,
    address: patch.walletId || patch.userId ? undefined : anyAddress(),
    reason: 'r',
    ...patch,
  })
const version = async () =>
  (
    await world.built.services.db
      .selectFrom('list_version')
      .select('version')
      .where('app_id', '=', world.appId)
      .executeTakeFirstOrThrow()
  ).version
const caught = (call: Promise<unknown>) => call.then(() => expect.unreachable('The call succeeded'), errorOf)
const subjectsOf = async (list: string) =>
  (await world.client.lists.entries.query({ list })).items.map(({ subject }) => subject)

describe('a list', () => {
  test('is made once, however often and at once, and is found among the lists', async () => {
    const wish = { name: randomUUID(), kind: 'sanctions' as const }
    const [before, from] = [await rowCounts(world.database), await version()]
    const made = await Promise.all(Array.from({ length: 10 }, () => world.client.lists.create.mutate(wish)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(growth(before, await rowCounts(world.database))).toMatchObject({ list: 1, audit: 1, event: 1 })
    expect(made[0]).toEqual({
      ...wish,
      id: made[0]!.id,
      importId: null,
      changedIn: from + 1n,
      createdAt: expect.any(Date),
    })
    expect((await world.client.lists.list.query({ limit: 100 })).items).toContainEqual(made[0])
    expect(await trailOf(world, made[0]!.id)).toMatchObject([{ action: 'list.created', data: wish }])
  })

  test('keeps its kind', async () => {
    const name = await listOf('allow')
    for (const kind of ['deny', 'sanctions'] as const)
      expect(await caught(world.client.lists.create.mutate({ name, kind }))).toMatchObject({
        code: 'LIST_EXISTS',
        details: { kind: 'allow' },
      })
  })

  test('that there is not becomes a deny list with its first entry', async () => {
    const name = randomUUID()
    const entry = entryOf(await add(name))
    expect(entry).toMatchObject({ list: name, kind: 'deny' })
    const { items } = await world.client.lists.list.query({ limit: 100 })
    expect(items.find((one) => one.name === name)).toMatchObject({ kind: 'deny', importId: null })
  })

  test("is the app's own, as is its name", async () => {
    const name = await listOf('allow')
    const { client } = await world.stranger()
    expect((await client.lists.list.query({})).items).toEqual([])
    expect(await client.lists.create.mutate({ name, kind: 'deny' })).toMatchObject({ name, kind: 'deny' })
    expect(await caught(client.lists.at.query({ list: 'nowhere', at: new Date() }))).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe.each(['deny', 'sanctions'] as const)('a %s list', (kind) => {
  test('takes somebody at once, and lets them go when somebody else agrees', async () => {
    const list = await listOf(kind)
    const from = await version()
    const entry = entryOf(await add(list))
    expect(await version()).toBe(from + 1n)

    const approval = approvalOf(await world.client.lists.remove.mutate({ entryId: entry.id, reason: 'a mistake' }))
    expect(approval).toMatchObject({
      state: 'requested',
      reason: 'a mistake',
      action: { type: 'list.remove', list, entryId: entry.id, subject: entry.subject },
    })
    expect(await subjectsOf(list)).toEqual([entry.subject])
    expect(await version()).toBe(from + 1n)

    const before = await rowCounts(world.database)
    await approved(world, approval, officers[0])
    expect(growth(before, await rowCounts(world.database))).toMatchObject({ audit: 2, event: 2 })
    expect(await version()).toBe(from + 2n)
    expect(await subjectsOf(list)).toEqual([])
    expect(await trailOf(world, entry.id)).toMatchObject([
      { action: 'list_entry.added', data: { subject: entry.subject, kind, list, listVersion: String(from + 1n) } },
      {
        action: 'list_entry.removed',
        actor: `user:${officers[0].userId}`,
        data: { subject: entry.subject, list, listVersion: String(from + 2n), approval: approval.id },
      },
    ])
  })

  test('keeps who was asked to be let go if somebody refuses', async () => {
    const list = await listOf(kind)
    const entry = entryOf(await add(list))
    const { id } = approvalOf(await world.client.lists.remove.mutate({ entryId: entry.id, reason: 'a mistake' }))
    const { status } = await officers[0].mutate('approvals.reject', { approvalId: id, note: 'it is none' })
    expect(status).toBe(200)
    expect(await subjectsOf(list)).toEqual([entry.subject])
  })
})

describe('an allow list', () => {
  test('takes somebody when somebody else agrees, and lets them go at once', async () => {
    const list = await listOf('allow')
    const [address, validUntil] = [anyAddress(), new Date('2090-01-01')]
    const from = await version()
    const approval = approvalOf(await add(list, { address, reason: 'a partner', source: 'a contract', validUntil }))
    const subject = getAddress(address)
    expect(approval.action).toEqual({
      ...{ type: 'list.add', list, subject, reason: 'a partner', source: 'a contract' },
      ...{ validFrom: null, validUntil: validUntil.toISOString() },
    })
    expect(await subjectsOf(list)).toEqual([])
    expect(await version()).toBe(from)

    await approved(world, approval, officers[0])
    const { items } = await world.client.lists.entries.query({ list })
    expect(items).toMatchObject([{ subject, kind: 'allow', reason: 'a partner', source: 'a contract', validUntil }])
    expect(await version()).toBe(from + 1n)

    // what is so already is answered with
    expect(entryOf(await add(list, { address, validUntil }))).toEqual(items[0])

    const removed = entryOf(await world.client.lists.remove.mutate({ entryId: items[0]!.id, reason: 'it ended' }))
    expect(removed.removedAt).toBeInstanceOf(Date)
    expect(await subjectsOf(list)).toEqual([])
    expect(await version()).toBe(from + 2n)
    expect((await trailOf(world, removed.id)).at(-1)).toMatchObject({ data: { reason: 'it ended' } })
  })

  test('of two who ask for the same, one is done', async () => {
    const list = await listOf('allow')
    const wish = { address: anyAddress() }
    const [one, two] = [approvalOf(await add(list, wish)), approvalOf(await add(list, wish))]
    expect(one.id).not.toBe(two.id)
    await approved(world, one, officers[0])
    expectRefusal(await officers[0].mutate('approvals.approve', { approvalId: two.id }), 'NOTHING_TO_CHANGE')
    expect(await subjectsOf(list)).toHaveLength(1)
  })
})

describe('the second person', () => {
  const wish = async (by?: Person) => {
    const entry = entryOf(await add(await listOf('deny')))
    const input = { entryId: entry.id, reason: 'a mistake', idempotencyKey: randomUUID() }
    if (!by) return { entry, approval: approvalOf(await world.client.lists.remove.mutate(input)) }
    return { entry, approval: approvalOf((await by.mutate('lists.remove', input)).data as ListChange) }
  }

  test('is another officer or an operator, and not the one who asked', async () => {
    for (const by of [officers[1], operator]) {
      const { entry, approval } = await wish(officers[0])
      const decision = { approvalId: approval.id }
      expectRefusal(await officers[0].mutate('approvals.approve', decision), 'NEEDS_ANOTHER_PERSON')
      await approved(world, approval, by)
      expect((await world.client.lists.entries.query({ subject: entry.subject })).items).toEqual([])
    }
  })

  test("is never the app's server, nor the platform, nor somebody of another role", async () => {
    const { entry, approval } = await wish()
    const decision = { approvalId: approval.id }
    expect(await caught(world.client.approvals.approve.mutate(decision))).toMatchObject({ code: 'FORBIDDEN' })
    expect(await caught((await platformKey(world)).client.approvals.approve.mutate(decision))).toMatchObject({
      code: 'FORBIDDEN',
      details: { for: ['officer', 'operator'] },
    })
    const others = await person(world, { roles: ['merchant', 'auditor'] })
    expectRefusal(await others.mutate('approvals.approve', decision), 'FORBIDDEN')
    expect((await world.client.lists.entries.query({ subject: entry.subject })).items).toHaveLength(1)
  })

  test('an officer decides on lists, not on roles', async () => {
    const merchant = await person(world)
    const { data } = await operator.mutate('users.grantRole', {
      ...{ userId: merchant.userId, role: 'merchant', reason: 'sells', idempotencyKey: randomUUID() },
    })
    const refused = await officers[0].mutate('approvals.approve', { approvalId: (data as { id: string }).id })
    expectRefusal(refused, 'FORBIDDEN', { for: ['operator', 'platform'] })
  })

  test('cannot approve what an officer asked for who is none any more', async () => {
    const former = await person(world, { roles: ['officer'] })
    const { approval } = await wish(former)
    await setRoles(world, former.userId, [])
    expectRefusal(await officers[0].mutate('approvals.approve', { approvalId: approval.id }), 'REQUEST_VOID')
  })

  test('is asked once for one idempotency key', async () => {
    const entry = entryOf(await add(await listOf('deny')))
    const input = { entryId: entry.id, reason: 'a mistake', idempotencyKey: randomUUID() }
    const asked = await Promise.all(Array.from({ length: 5 }, () => world.client.lists.remove.mutate(input)))
    expect(new Set(asked.map((change) => approvalOf(change).id)).size).toBe(1)
    expect(asked.filter((change) => !approvalOf(change).replayed)).toHaveLength(1)
    expect(await caught(world.client.lists.remove.mutate({ ...input, reason: 'another' }))).toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    })
  })
})

describe('a subject', () => {
  test('is an address, a wallet or a user of the app, exactly one of them', async () => {
    const list = await listOf('deny')
    const [wallet, { userId }, address] = [await world.wallet(0n), await person(world), anyAddress()]
    for (const [wish, subject] of [
      [{ address }, getAddress(address)],
      [{ walletId: wallet.id }, `wallet:${wallet.id}`],
      [{ walletId: undefined, userId: userId.toUpperCase() }, `user:${userId}`],
    ] as const) {
      expect(entryOf(await add(list, wish)).subject).toBe(subject)
      expect((await world.client.lists.entries.query({ list, subject })).items).toHaveLength(1)
    }
    for (const wish of [
      { address: undefined },
      { address, walletId: wallet.id },
      { address, walletId: wallet.id, userId },
    ])
      expect(await caught(world.client.lists.add.mutate({ list, reason: 'r', ...wish }))).toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ path: ['address'] }],
      })
  })

  test.each([
    '0x12',
    'wallet:1',
    `wallet: ${randomUUID()}`,
    `group:${randomUUID()}`,
    '0x0000000000000000000000000000000000000000',
    '0x52908400098527886E0F7030069857D2E4169ee7',
    'constructor',
  ])('%j is none', async (subject) => {
    expect(await caught(world.client.lists.entries.query({ subject }))).toMatchObject({
      issues: [{ path: ['subject'] }],
    })
  })

  test('stays to be seen when it was taken off, and can be put on anew', async () => {
    const [list, address] = [await listOf('deny'), anyAddress()]
    const entry = entryOf(await add(list, { address }))
    await takeOff(world, entry.id)
    const again = entryOf(await add(list, { address }))
    expect(again.id).not.toBe(entry.id)
    const { items } = await world.client.lists.entries.query({ list, removed: true })
    expect(items.map(({ id, removedAt }) => [id, removedAt === null])).toEqual([
      [again.id, true],
      [entry.id, false],
    ])
    const removed = await world.client.lists.remove.mutate({ entryId: entry.id, reason: 'again' })
    expect(entryOf(removed)).toEqual(items[1])
  })
})

describe('a period', () => {
  const day = (text: string) => new Date(`${text}T00:00:00Z`)
  const [may, june, july, august] = ['2090-05-01', '2090-06-01', '2090-07-01', '2090-08-01'].map(day)
  const over = new Date('2020-01-01')

  test('that ends before it begins is refused', async () => {
    for (const [validFrom, validUntil] of [
      [july, june],
      [june, june],
    ])
      expect(await caught(add('any', { validFrom, validUntil }))).toMatchObject({ issues: [{ path: ['validUntil'] }] })
  })

  test.each([
    ['the same', { validFrom: june, validUntil: july }, { validFrom: june, validUntil: july }],
    ['a shorter one', {}, { validFrom: june, validUntil: july }],
    ['one that begins later', { validUntil: july }, { validFrom: june, validUntil: july }],
    ['one that is over', { validFrom: june }, { validUntil: over }],
    ['one that begins in the past', {}, { validFrom: over, validUntil: july }],
  ])('within that of the entry that is there changes nothing: %s', async (_, first, second) => {
    const [list, address] = [await listOf('deny'), anyAddress()]
    const entry = entryOf(await add(list, { address, ...first }))
    const from = await version()
    expect(entryOf(await add(list, { address, ...second }))).toEqual(entry)
    expect(await version()).toBe(from)
  })

  test.each([
    ['a longer one', { validFrom: june, validUntil: july }, { validFrom: may, validUntil: august }],
    ['without end', { validFrom: june, validUntil: july }, {}],
    ['after one that is over', { validUntil: over }, { validFrom: june, validUntil: july }],
  ])('beyond that of the entry that is there takes its place: %s', async (_, first, second) => {
    const [list, address] = [await listOf('deny'), anyAddress()]
    const entry = entryOf(await add(list, { address, ...first }))
    const from = await version()
    const wider = entryOf(await add(list, { address, ...second }))
    expect(wider).toMatchObject({ validFrom: null, validUntil: null, ...second })
    expect(await version()).toBe(from + 1n)
    expect((await world.client.lists.entries.query({ list })).items).toEqual([wider])
    expect((await trailOf(world, entry.id)).at(-1)).toMatchObject({
      action: 'list_entry.removed',
      data: { replacedBy: wider.id },
    })
  })

  test.each([
    ['one that follows', { validUntil: june }, { validFrom: july }],
    ['one that overlaps', { validFrom: may, validUntil: july }, { validFrom: june, validUntil: august }],
    ['one that begins later and never ends', { validFrom: may, validUntil: july }, { validFrom: june }],
  ])('that neither holds nor is held cuts nothing short: %s', async (_, first, second) => {
    const [list, address] = [await listOf('deny'), anyAddress()]
    const { id: entryId, validFrom, validUntil } = entryOf(await add(list, { address, ...first }))
    expect(await caught(add(list, { address, ...second }))).toMatchObject({
      code: 'ALREADY_LISTED',
      details: { entryId, validFrom, validUntil },
    })
  })

  test('is when an entry counts: before and after it a payment is not refused for it', async () => {
    const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
    const quote = async () =>
      (await world.client.payments.quote.query({ paywallId: paywall.id, walletId: wallet.id })).outcome
    const [list, address] = [await listOf('deny'), wallet.address]
    await add(list, { address, validUntil: over })
    expect(await quote()).toBe('allow')
    await add(list, { address, validFrom: june, validUntil: july })
    expect(await quote()).toBe('allow')
    await add(list, { address, validFrom: over, validUntil: july })
    expect(await quote()).toBe('deny')
  })
})
