import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { AuditRecord } from '../../../server/contract/audit.ts'
import type { EventType } from '../../../server/contract/events.ts'
import { append, emptyTrail, nextStep } from '../../../server/domain/audit/trail.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

type Search = Parameters<World['client']['audit']['search']['query']>[0]

async function all(search: Search, limit = 100): Promise<AuditRecord[]> {
  const records: AuditRecord[] = []
  for (let cursor: string | null = null; ; ) {
    const page: { items: AuditRecord[]; nextCursor: string | null } = await world.client.audit.search.query({
      ...search,
      cursor,
      limit,
    })
    records.push(...page.items)
    if (!page.nextCursor) return records
    cursor = page.nextCursor
  }
}

const nameOf = ({ stream, sequence }: { stream: string; sequence: bigint }) => `${stream}/${sequence}`

test('what somebody did to something, newest first', async () => {
  const since = new Date()
  const paywall = await world.paywall()
  await world.client.paywalls.update.mutate({ paywallId: paywall.id, price: 7n })
  const wallet = await world.wallet(0n)
  await world.client.paywalls.archive.mutate({ paywallId: paywall.id })

  const mine = await all({ from: since })
  expect(mine.map(({ action, objectType, stream }) => [action, objectType, stream])).toEqual([
    ['paywall.archived', 'paywall', paywall.id],
    ['wallet.created', 'wallet', wallet.id],
    ['paywall.updated', 'paywall', paywall.id],
    ['paywall.created', 'paywall', paywall.id],
  ])
  const [newest] = mine
  expect(newest!.actor).toMatch(/^key:[0-9a-f-]{36}$/)
  expect(newest!.at).toBeInstanceOf(Date)
  const said = JSON.parse(newest!.body)
  expect(said).toMatchObject({ actor: newest!.actor, action: newest!.action, at: newest!.at.toISOString() })
  expect((await world.client.audit.trail.query({ objectId: paywall.id })).items).toContainEqual({
    stream: newest!.stream,
    sequence: newest!.sequence,
    body: newest!.body,
    hash: newest!.hash,
  })

  const actions = async (search: Search) => (await all({ from: since, ...search })).map(({ action }) => action)
  expect(await actions({ action: 'wallet.created' })).toEqual(['wallet.created'])
  expect(await actions({ objectId: paywall.id, action: 'paywall.updated' })).toEqual(['paywall.updated'])
  expect(await actions({ actor: newest!.actor, objectId: wallet.id })).toEqual(['wallet.created'])
  expect(await actions({ actor: `key:${randomUUID()}` })).toEqual([])
  expect(await actions({ to: since })).toEqual([])
  expect(await actions({ objectId: paywall.id, to: newest!.at })).toEqual(['paywall.updated', 'paywall.created'])
})

test("another app's records are not found", async () => {
  const paywall = await world.paywall()
  const { client } = await world.stranger()
  const theirs = await client.audit.search.query({ limit: 100 })
  expect(theirs.items.every(({ body }) => !body.includes(world.appId))).toBe(true)
  expect((await client.audit.search.query({ objectId: paywall.id })).items).toEqual([])
})

/** Leaves at given moments, as the service would write them. */
async function write(appId: string, records: { at: number; actor: number; action: number; object: number }[]) {
  const { db } = world.built.services
  const objects = new Map<number, { id: string; head: typeof emptyTrail }>()
  const written: { stream: string; sequence: bigint; at: Date; actor: string; action: string }[] = []
  for (const { at, actor, action, object } of records) {
    const known = objects.get(object) ?? { id: randomUUID(), head: emptyTrail }
    const step = nextStep(known.head, {
      object: { type: 'paywall', id: known.id, appId },
      principal: { kind: 'system', name: `actor ${actor}` },
      type: actionNames[action]!,
      at: new Date(1_700_000_000_000 + at),
      data: { note: '"quoted", and \\ more' },
    })
    await append(db, step)
    objects.set(object, { id: known.id, head: step.head })
    written.push({
      stream: known.id,
      sequence: step.head.version,
      at: new Date(1_700_000_000_000 + at),
      actor: `system:actor ${actor}`,
      action: actionNames[action]!,
    })
  }
  return written
}

const actionNames: EventType[] = ['paywall.created', 'paywall.updated', 'paywall.archived']

test('whatever is looked for, in pages of whatever size, each record that fits is found once, in order', async () => {
  const record = fc.record({ at: fc.nat(20), actor: fc.nat(2), action: fc.nat(2), object: fc.nat(4) })
  const search = fc.record(
    { from: fc.nat(20), to: fc.nat(22), actor: fc.nat(3), action: fc.nat(2), object: fc.nat(30) },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 30 }),
      fc.array(search, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      async (records, searches, limit) => {
        const { client, appId } = await world.stranger()
        const first = await client.audit.search.query({ limit: 100 })
        const written = await write(appId, records)
        for (const wanted of searches) {
          const given = {
            ...(wanted.from !== undefined && { from: new Date(1_700_000_000_000 + wanted.from) }),
            to: new Date(1_700_000_000_000 + (wanted.to ?? 1_000)),
            ...(wanted.actor !== undefined && { actor: `system:actor ${wanted.actor}` }),
            ...(wanted.action !== undefined && { action: actionNames[wanted.action]! }),
            ...(wanted.object !== undefined && { objectId: written[wanted.object % written.length]!.stream }),
          }
          const expected = written
            .filter(
              (one) =>
                one.at < given.to &&
                (!given.from || one.at >= given.from) &&
                (!given.actor || one.actor === given.actor) &&
                (!given.action || one.action === given.action) &&
                (!given.objectId || one.stream === given.objectId),
            )
            .sort(
              (a, b) =>
                b.at.getTime() - a.at.getTime() ||
                (a.stream < b.stream ? 1 : a.stream > b.stream ? -1 : Number(b.sequence - a.sequence)),
            )
          const found: AuditRecord[] = []
          for (let cursor: string | null = null; ; ) {
            const page: { items: AuditRecord[]; nextCursor: string | null } = await client.audit.search.query({
              ...given,
              cursor,
              limit,
            })
            found.push(...page.items)
            if (!page.nextCursor) break
            cursor = page.nextCursor
          }
          expect(found.map(nameOf)).toEqual(expected.map(nameOf))
        }
        expect((await client.audit.search.query({ from: first.items.at(-1)!.at, limit: 100 })).items).toEqual(
          first.items,
        )
      },
    ),
    { numRuns: process.env.SOAK ? 500 : 15 },
  )
})

test('records written between two pages neither repeat nor hide any', async () => {
  const { client, appId } = await world.stranger()
  const written = await write(
    appId,
    Array.from({ length: 9 }, (_, n) => ({ at: n * 10, actor: 0, action: 0, object: n })),
  )
  const search = { action: 'paywall.created', to: new Date(1_700_000_001_000) }
  const first = await client.audit.search.query({ ...search, limit: 4 })
  await write(
    appId,
    [95, 55, 88, 60].map((at) => ({ at, actor: 1, action: 0, object: at })),
  )
  const rest = await client.audit.search.query({ ...search, cursor: first.nextCursor, limit: 100 })
  const names = [...first.items, ...rest.items].map(nameOf)
  expect(new Set(names).size).toBe(names.length)
  for (const one of written) expect(names).toContain(nameOf(one))
})

test('it is read from an index that begins with the app, whatever is looked for', async () => {
  await withAdmin(world.database.adminUrl, async (admin) => {
    await admin.query(
      `insert into audit (stream, sequence, app_id, body, hash)
      select gen_random_uuid(), 1, md5((n % 3)::text)::uuid, convert_to('{"action":"payment.' || n % 5 || '","actor":"key:' || n % 50
        || '","app":"' || n || '","at":"' || n || '"}', 'UTF8'), '' from generate_series(1, 20000) n`,
    )
    await admin.query('analyze audit')
    const part = (number: number) => `split_part(encode(substr(body, 1, 220), 'escape'), '"', ${number})`
    const order = `order by ${part(16)} desc nulls last, stream desc, sequence desc limit 20`
    const conditions = {
      audit_by_time: `${part(16)} < '9'`,
      audit_by_action: `${part(4)} = 'payment.1'`,
      audit_by_actor: `${part(8)} = 'key:7'`,
    }
    for (const [index, condition] of Object.entries(conditions)) {
      const { rows } = await admin.query(
        `explain select stream from audit where app_id = md5('1')::uuid and ${condition} ${order}`,
      )
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(`Index Scan using ${index}`)
    }
  })
})

test('a cursor of another list is refused', async () => {
  for (const cursor of ['1.2.3', `${Date.now()}.${randomUUID()}`, 'x'])
    expect(await world.client.audit.search.query({ cursor }).then(() => null, errorOf)).toMatchObject({
      code: 'INVALID_INPUT',
    })
})
