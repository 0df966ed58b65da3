import { randomUUID } from 'node:crypto'
import { getAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { ListPreview, RequestedApproval } from '../../../server/contract/entities.ts'
import { expireApproval } from '../../../server/domain/approvals/expire-approval.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { IMPORT_LIFETIME } from '../../../server/domain/lists/stage-import.ts'
import { sweepImports } from '../../../server/domain/lists/sweep-imports.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts, withAdmin } from '../../http/support/rows.ts'
import { approved, entryOf, publication, staged, takeOff } from '../../support/lists.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'
import { expectRefusal, trailOf } from '../approvals/support/wishes.ts'

let world: World
let officer: Person
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  officer = await person(world, { roles: ['officer'] })
})
afterAll(() => world[Symbol.asyncDispose]())

const addresses = (count: number) => Array.from({ length: count }, () => getAddress(anyAddress()))
const newList = async (kind: 'deny' | 'allow' | 'sanctions' = 'sanctions') =>
  (await world.client.lists.create.mutate({ name: randomUUID(), kind })).name
const subjectsOf = async (list: string) =>
  (await world.client.lists.entries.query({ list, limit: 100 })).items.map(({ subject }) => subject).sort()
const caught = (call: Promise<unknown>) => call.then(() => expect.unreachable('The call succeeded'), errorOf)
const publish = async (list: string, these: string[]): Promise<ListPreview> => {
  const { id } = await staged(world, list, these)
  await approved(world, await publication(world, { id }), officer)
  return world.client.lists.preview.query({ importId: id })
}
const version = async () =>
  (
    await world.built.services.db
      .selectFrom('list_version')
      .select('version')
      .where('app_id', '=', world.appId)
      .executeTakeFirstOrThrow()
  ).version

describe('an import', () => {
  test('is staged beside the list, with what it would add, remove, change and leave', async () => {
    const list = await newList()
    const [gone, other, same, added] = addresses(4) as [string, string, string, string]
    await publish(list, [gone, other, same])
    const from = await version()
    const before = await rowCounts(world.database)
    const preview = await world.client.lists.import.mutate({
      list,
      source: 'the issue of May',
      entries: [
        { subject: same.toLowerCase(), reason: 'named in a file', source: 'app' },
        { subject: other, reason: 'named in a file', source: 'app', validUntil: new Date('2090-01-01') },
        { subject: added, reason: 'new' },
        { subject: added, reason: 'twice' },
      ],
      idempotencyKey: randomUUID(),
    })
    expect(growth(before, await rowCounts(world.database))).toMatchObject({ list_entry: 3, list_import: 1, audit: 1 })
    expect(preview).toMatchObject({
      ...{ list, state: 'staged', source: 'the issue of May', entries: 3, duplicates: 1, skipped: 0, replayed: false },
      ...{ added: 1, removed: 1, changed: 1, unchanged: 1, publishedAt: null },
    })
    expect(preview.samples).toMatchObject({
      added: [{ subject: added, reason: 'new', source: 'the issue of May' }],
      removed: [{ subject: gone }],
      changed: [{ subject: other, validUntil: new Date('2090-01-01') }],
      unchanged: [{ subject: same, validUntil: null }],
    })
    expect(await world.client.lists.preview.query({ importId: preview.id })).toEqual({
      ...preview,
      replayed: undefined,
    })
    // nothing of it is to be seen
    expect(await subjectsOf(list)).toEqual([gone, other, same].sort())
    expect(await version()).toBe(from)
    const { items } = await world.client.lists.imports.query({ list })
    expect(items.map(({ id, state }) => [id, state])).toMatchObject([
      [preview.id, 'staged'],
      [expect.any(String), 'published'],
    ])
  })

  test('that is approved is all that is on the list, in one version and by one commit', async () => {
    const list = await newList()
    const before = addresses(3)
    await publish(list, before)
    const next = addresses(5)
    const { id, hash } = await staged(world, list, [...next, before[0]!])
    const from = await version()
    const approval = await publication(world, { id })
    expect(approval.action).toEqual({
      ...{ type: 'list.publish', list, importId: id, hash },
      ...{ added: 5, removed: 2, changed: 0, unchanged: 1 },
    })
    const counts = await rowCounts(world.database)
    await approved(world, approval, officer)
    expect(growth(counts, await rowCounts(world.database))).toMatchObject({ audit: 2, event: 2 })
    expect(await version()).toBe(from + 1n)
    expect(await subjectsOf(list)).toEqual([...next, before[0]!].sort())
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({
      state: 'published',
      publishedAt: expect.any(Date),
    })
    const { items } = await world.client.lists.list.query({ limit: 100 })
    const its = items.find(({ name }) => name === list)!
    expect(its).toMatchObject({ importId: id, changedIn: from + 1n })
    expect((await trailOf(world, its.id)).map(({ action }) => action)).toEqual([
      'list.created',
      ...['list.import_staged', 'list.published', 'list.import_staged', 'list.published'],
    ])
    expect((await trailOf(world, its.id)).at(-1)).toMatchObject({
      actor: `user:${officer.userId}`,
      data: { approval: approval.id, import: id, hash, entries: 6, listVersion: String(from + 1n) },
    })
  })

  test('has the same hash for the same entries in any order, and another for others', async () => {
    const list = await newList()
    const these = addresses(20)
    const hashes = await Promise.all(
      [these, these.toReversed(), [...these, these[3]!], these.slice(1)].map(
        async (some) => (await staged(world, list, some)).hash,
      ),
    )
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).toBe(hashes[0])
    expect(hashes[3]).not.toBe(hashes[0])
  })

  test('is staged once for an idempotency key, also by calls at once', async () => {
    const input = {
      list: await newList(),
      entries: [{ subject: anyAddress(), reason: 'r' }],
      idempotencyKey: randomUUID(),
    }
    const before = await rowCounts(world.database)
    const made = await Promise.all(Array.from({ length: 5 }, () => world.client.lists.import.mutate(input)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(new Set(made.map(({ state }) => state))).toEqual(new Set(['staged']))
    expect(growth(before, await rowCounts(world.database))).toMatchObject({
      ...{ list_entry: 1, list_import: 1, idempotency: 1, audit: 1, event: 1 },
    })
    expect(await caught(world.client.lists.import.mutate({ ...input, source: 'x' }))).toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    })
  })

  test.each([
    ['no entry', []],
    ['more than 500', Array.from({ length: 501 }, () => ({ subject: anyAddress(), reason: 'r' }))],
    ['a subject that is none', [{ subject: 'x', reason: 'r' }]],
    ['no reason', [{ subject: anyAddress(), reason: ' ' }]],
    ['a period backwards', [{ subject: anyAddress(), reason: 'r', validFrom: new Date(2), validUntil: new Date(1) }]],
  ])('with %s is refused', async (_, entries) => {
    const list = await newList()
    const input = { list, entries, idempotencyKey: randomUUID() }
    expect(await caught(world.client.lists.import.mutate(input))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('into a list that there is not is refused', async () => {
    const entries = [{ subject: anyAddress(), reason: 'r' }]
    const input = { list: randomUUID(), entries, idempotencyKey: randomUUID() }
    expect(await caught(world.client.lists.import.mutate(input))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a publication', () => {
  test.each([
    ['an addition', (list: string) => world.client.lists.add.mutate({ list, address: anyAddress(), reason: 'r' })],
    [
      'a removal',
      async (list: string) => {
        const { items } = await world.client.lists.entries.query({ list })
        return takeOff(world, items[0]!.id)
      },
    ],
    ['another publication', (list: string) => publish(list, addresses(1))],
  ])('of what was compared before %s is refused, asked for or approved', async (_, change) => {
    const list = await newList()
    await publish(list, addresses(2))
    const asked = await staged(world, list, addresses(2))
    const unasked = await staged(world, list, addresses(2))
    const approval = await publication(world, asked)
    await change(list)
    const now = await subjectsOf(list)
    expectRefusal(await officer.mutate('approvals.approve', { approvalId: approval.id }), 'IMPORT_OUTDATED')
    expect(await caught(publication(world, unasked))).toMatchObject({ code: 'IMPORT_OUTDATED' })
    expect(await subjectsOf(list)).toEqual(now)
  })

  test('of two imports at once is done for one, and the other is outdated', async () => {
    const list = await newList()
    const [one, two] = [addresses(3), addresses(3)]
    const approvals = await Promise.all(
      [one, two].map(async (these) => publication(world, await staged(world, list, these))),
    )
    const answers = await Promise.all(
      approvals.map(({ id }) => officer.mutate('approvals.approve', { approvalId: id })),
    )
    expect(answers.map(({ error }) => error?.data.code ?? 'done').sort()).toEqual(['IMPORT_OUTDATED', 'done'])
    const won = answers[0]!.error ? two : one
    expect(await subjectsOf(list)).toEqual(won.toSorted())
  })

  test('that is refused throws the import away, rows and all', async () => {
    const list = await newList()
    const { id } = await staged(world, list, addresses(7))
    const approval = await publication(world, { id })
    const before = await rowCounts(world.database)
    const { status } = await officer.mutate('approvals.reject', { approvalId: approval.id, note: 'too many' })
    expect(status).toBe(200)
    expect(growth(before, await rowCounts(world.database))).toMatchObject({ audit: 2, event: 2 })
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({ state: 'discarded', added: 7 })
    await expectSwept(id, 7)
    expect(await caught(publication(world, { id }))).toMatchObject({ code: 'IMPORT_CLOSED' })
  })

  test('that nobody decides on throws the import away too', async () => {
    const list = await newList()
    const { id } = await staged(world, list, addresses(3))
    const approval = await publication(world, { id })
    const late = { ...world.built.services, clock: { now: () => new Date(Date.now() + 25 * 3_600_000) } }
    await expireApproval(late, { id: approval.id })
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({ state: 'discarded' })
    expect(await trailOf(world, (await listNamed(list)).id)).toMatchObject([
      {},
      {},
      { action: 'list.import_discarded', actor: 'system:clock', data: { import: id, approval: approval.id } },
    ])
  })

  test('that was approved is not undone when another approval of it is refused', async () => {
    const list = await newList()
    const these = addresses(2)
    const { id } = await staged(world, list, these)
    const [one, two] = [await publication(world, { id }), await publication(world, { id })]
    await approved(world, one, officer)
    await officer.mutate('approvals.reject', { approvalId: two.id, note: 'done already' })
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({ state: 'published' })
    expect(await subjectsOf(list)).toEqual(these.toSorted())
  })

  test("is not approved by who asked, nor by the app's server", async () => {
    const list = await newList()
    const { id } = await staged(world, list, addresses(1))
    const { data } = await officer.mutate('lists.publish', { importId: id, reason: 'r', idempotencyKey: randomUUID() })
    const { id: approvalId } = data as RequestedApproval
    expectRefusal(await officer.mutate('approvals.approve', { approvalId }), 'NEEDS_ANOTHER_PERSON')
    expect(await caught(world.client.approvals.approve.mutate({ approvalId }))).toMatchObject({ code: 'FORBIDDEN' })
    expect(await subjectsOf(list)).toEqual([])
  })
})

describe('what was published', () => {
  test('can be taken off and added to like any entry, with a trail from then on', async () => {
    const list = await newList()
    const [one, two] = addresses(2) as [string, string]
    await publish(list, [one, two])
    const { items } = await world.client.lists.entries.query({ list, subject: one })
    await takeOff(world, items[0]!.id)
    expect(await subjectsOf(list)).toEqual([two])
    expect(await trailOf(world, items[0]!.id)).toMatchObject([{ action: 'list_entry.removed', data: { subject: one } }])
    const again = entryOf(
      await world.client.lists.add.mutate({ list, address: one as `0x${string}`, reason: 'after all' }),
    )
    expect(await subjectsOf(list)).toEqual([one, two].sort())

    // replaced as a whole, the old entries are no more on the list
    await publish(list, [two])
    expect(await caught(world.client.lists.remove.mutate({ entryId: again.id, reason: 'r' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
  })

  test('refuses payments from that commit on, and no longer', async () => {
    const list = await newList()
    const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
    const quote = async () =>
      (await world.client.payments.quote.query({ paywallId: paywall.id, walletId: wallet.id })).outcome
    const { id } = await staged(world, list, [wallet.address])
    expect(await quote()).toBe('allow')
    await approved(world, await publication(world, { id }), officer)
    expect(await quote()).toBe('deny')
    await publish(list, addresses(1))
    expect(await quote()).toBe('allow')
  })

  test('is never deleted, whatever the statement', async () => {
    const list = await newList()
    await publish(list, addresses(2))
    await publish(list, addresses(2))
    const { id } = await listNamed(list)
    const { pool } = world.database
    const statement = 'delete from list_entry where list_id = $1'
    await expect(pool.query(statement, [id])).rejects.toMatchObject({ code: '23001' })
    const hand = entryOf(await world.client.lists.add.mutate({ list, address: anyAddress(), reason: 'r' }))
    await expect(pool.query('delete from list_entry where id = $1', [hand.id])).rejects.toMatchObject({ code: '23001' })
  })
})

describe('an import that is taken back', () => {
  test('is swept, lot after lot, and says the same when it is taken back again', async () => {
    const list = await newList()
    const { id } = await staged(world, list, addresses(12))
    const discarded = await world.client.lists.discard.mutate({ importId: id })
    expect(discarded).toMatchObject({ state: 'discarded', entries: 12 })
    const before = await rowCounts(world.database)
    expect(await world.client.lists.discard.mutate({ importId: id })).toEqual(discarded)
    expect(await rowCounts(world.database)).toEqual(before)
    await expectSwept(id, 12)
  })

  test('was not published', async () => {
    const list = await newList()
    const { id } = await publish(list, addresses(1))
    expect(await caught(world.client.lists.discard.mutate({ importId: id }))).toMatchObject({
      code: 'IMPORT_CLOSED',
      details: { state: 'published' },
    })
  })

  test('or that nobody publishes expires after 7 days', async () => {
    const list = await newList()
    const { id, createdAt, expiresAt } = await staged(world, list, addresses(4))
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(IMPORT_LIFETIME)
    const { db } = world.built.services
    await sweepImports(db, new Date(expiresAt.getTime() - 1), 100)
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({ state: 'staged' })
    for (let sweep = 0; sweep < 20; sweep++) await sweepImports(db, expiresAt, 100)
    expect(await world.client.lists.preview.query({ importId: id })).toMatchObject({ state: 'expired' })
    expect((await trailOf(world, (await listNamed(list)).id)).at(-1)).toMatchObject({
      action: 'list.import_expired',
      actor: 'system:clock',
      data: { import: id },
    })
    expect(await rowsOf(id)).toBe(0)
    expect(await caught(publication(world, { id }))).toMatchObject({ details: { state: 'expired' } })
  })
})

test('whoever reads while an import is published sees all of the old entries or all of the new', async () => {
  const list = await newList()
  const [old, next] = [addresses(40), addresses(40)]
  await publish(list, old)
  const approval = await publication(world, await staged(world, list, next))
  let done = false
  const seen = new Set<string>()
  const readers = Array.from({ length: 6 }, async (_, n) => {
    while (!done) {
      const subjects = n % 2 ? await listedNow([...old, ...next]) : await subjectsOf(list)
      seen.add(JSON.stringify(subjects))
    }
  })
  const { status } = await officer.mutate('approvals.approve', { approvalId: approval.id })
  expect(status).toBe(200)
  expect(await subjectsOf(list)).toEqual(next.toSorted())
  done = true
  await Promise.all(readers)
  for (const one of seen) expect([JSON.stringify(old.toSorted()), JSON.stringify(next.toSorted())]).toContain(one)
})

const listedNow = async (subjects: string[]) =>
  (await world.built.services.findListed({ appId: world.appId, subjects })).listed.map(({ subject }) => subject).sort()

const listNamed = async (name: string) =>
  (await world.client.lists.list.query({ limit: 100 })).items.find((one) => one.name === name)!

const rowsOf = (importId: string) =>
  withAdmin(world.database.adminUrl, async (admin) => {
    const { rows } = await admin.query('select count(*)::int as count from list_entry where snapshot_id = $1', [
      importId,
    ])
    return rows[0].count as number
  })

/** Expects that the sweeper deletes the rows of an import by and by, and nothing that was on a list. */
async function expectSwept(importId: string, count: number) {
  expect(await rowsOf(importId)).toBe(count)
  const { db, clock } = world.built.services
  const before = await rowCounts(world.database)
  const left: number[] = []
  while (left.at(-1) !== 0 && left.length < 50) {
    expect(await sweepImports(db, clock.now(), 5)).toBeLessThanOrEqual(5)
    left.push(await rowsOf(importId))
  }
  expect(left.at(-1)).toBe(0)
  expect(left.length).toBeGreaterThanOrEqual(Math.ceil(count / 5))
  expect(Object.keys(growth(before, await rowCounts(world.database)))).toEqual(['list_entry'])
}
