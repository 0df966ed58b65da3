import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../../client-sdk/index.ts'
import type { AuditLeaf } from '../../../server/contract/entities.ts'
import { eventColumns, eventOf, feedOf } from '../../../server/domain/events/event-of.ts'
import { objectTypes } from '../../../server/domain/events/types.ts'
import { writtenEvent } from '../../../server/schemas/events.ts'
import { callerFor } from '../../http/support/callers.ts'
import { call, procedures } from '../../http/support/calls.ts'
import { goodInputs } from '../../http/support/inputs.ts'
import { growth, rowCounts, withAdmin } from '../../http/support/rows.ts'
import { placeAll } from '../../support/place.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

async function wholeTrail(client: Client, objectId: string, limit?: number): Promise<AuditLeaf[]> {
  const leaves: AuditLeaf[] = []
  for (let cursor: string | null = null; ; ) {
    const page: { items: AuditLeaf[]; nextCursor: string | null } = await client.audit.trail.query({
      objectId,
      cursor,
      ...(limit && { limit }),
    })
    leaves.push(...page.items)
    if (!page.nextCursor) return leaves
    cursor = page.nextCursor
  }
}

/** What anybody can check who holds a trail and RFC 8785, written without the code of the service. */
function expectChained(leaves: AuditLeaf[], objectId: string) {
  let previous = '0'.repeat(64)
  for (const [index, { stream, sequence, body, hash }] of leaves.entries()) {
    const computed = createHash('sha256')
      .update(Buffer.from([0]))
      .update(body, 'utf8')
      .digest('hex')
    expect(hash).toBe(computed)
    const said = JSON.parse(body)
    expect(said).toMatchObject({ v: 1, object: objectId, sequence: index + 1, previous })
    expect(body).toBe(JSON.stringify(sorted(said)))
    expect({ stream, sequence }).toEqual({ stream: objectId, sequence: BigInt(index + 1) })
    previous = hash
  }
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, sorted(each)]),
        )
      : value

test('the trail of a settled payment is verified by whoever reads it, and says who did what', async () => {
  await using settling = await testWorld()
  const [paywall, wallet] = await Promise.all([settling.paywall(), settling.wallet()])
  const { id } = await settling.client.payments.create.mutate({
    paywallId: paywall.id,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
  const settled = await settling.until(id, 'settled')

  const leaves = await wholeTrail(settling.client, id)
  expectChained(leaves, id)
  const said = leaves.map(({ body }) => JSON.parse(body))
  expect(said[0]).toMatchObject({
    action: 'payment.accepted',
    actor: expect.stringMatching(/^key:/),
    app: settling.appId,
    data: { amount: String(settled.amount), payer: wallet.address, recipient: paywall.recipient },
  })
  expect(said.at(-1)).toMatchObject({
    action: 'payment.settled',
    actor: expect.stringMatching(/^system:/),
    data: { transactionHash: settled.transactionHash },
  })
  expect(said.map(({ at }) => at)).toEqual(said.map(({ at }) => at).sort())
})

test('a trail is read in pages, and of changed objects as of payments', async () => {
  const { id } = await world.paywall()
  for (let price = 2n; price < 8n; price++) await world.client.paywalls.update.mutate({ paywallId: id, price })
  await world.client.paywalls.archive.mutate({ paywallId: id })

  const leaves = await wholeTrail(world.client, id, 3)
  expect(leaves).toHaveLength(8)
  expectChained(leaves, id)
  expect(await wholeTrail(world.client, id)).toEqual(leaves)
  expect(leaves.map(({ body }) => JSON.parse(body).action)).toEqual([
    'paywall.created',
    ...Array(6).fill('paywall.updated'),
    'paywall.archived',
  ])
})

test('characters beyond ASCII and beyond 16 bits are hashed as they are', async () => {
  const paywall = await world.client.paywalls.create.mutate({
    title: 'Ünïcode 論文 🧾 "quoted" \\ é',
    assetId: world.assetId,
    price: 1n,
    recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
    idempotencyKey: randomUUID(),
  })
  const leaves = await wholeTrail(world.client, paywall.id)
  expectChained(leaves, paywall.id)
  expect(JSON.parse(leaves[0]!.body).data.title).toBe(paywall.title)
})

/** Tables whose rows are what a leaf can be about. */
const objects = [
  'app',
  'app_user',
  'session',
  'approval',
  'policy',
  'buying_policy',
  'purchase',
  'review',
  'api_key',
  'asset',
  'wallet',
  'paywall',
  'list',
  'list_entry',
  'payment',
  'decision',
  'report',
  'hold',
  'endpoint',
  'eerc_token',
  'eerc_operation',
  'webhook_inbox',
]

/** Mutations that change no object: a challenge and a quote are questions, and a token is in no row. */
const unaudited = ['auth.challenge', 'auth.token', 'purchases.quote', 'wallets.challenge']

/** Mutations that change several objects in a commit, or (a sign-in) in two, and how many. */
const several: Record<string, number> = {
  'apiKeys.rotate': 2,
  'approvals.approve': 2,
  'apps.create': 2,
  'auth.verify': 3,
  'reviews.decide': 2,
  // what takes two people has an approval beside it; a token has its asset
  'eerc.allow': 2,
  'eerc.burn': 2,
  'eerc.disallow': 2,
  'eerc.forcedTransfer': 2,
  'eerc.freeze': 2,
  'eerc.mint': 2,
  'eerc.pause': 2,
  'eerc.unfreeze': 2,
  'eerc.unpause': 2,
  'tokens.register': 2,
  // it is asked for, and done when the API has answered; terms have an approval beside them
  'purchases.create': 2,
  'purchases.setPolicy': 2,
}

const mutations = procedures.filter(({ type, path }) => type === 'mutation' && !unaudited.includes(path))

test('there are mutations to walk', () => {
  expect(mutations.length).toBeGreaterThan(9)
})

test.each(mutations)(
  '$path writes a leaf and an event for each object, in the commit that changes it',
  async (procedure) => {
    const { headers, person } = await callerFor(world, procedure)
    const input = await goodInputs[procedure.path]!(world, person)
    const [before, known] = await Promise.all([rowCounts(world.database), leavesIn(world)])

    const answer = await call(world.url, procedure, input, headers)
    expect(answer.status, answer.text).toBe(200)

    const count = several[procedure.path] ?? 1
    expect(growth(before, await rowCounts(world.database))).toMatchObject({ audit: count, event: count })
    const leaves = (await leavesIn(world)).filter(({ key }) => !known.some((other) => other.key === key))
    for (const leaf of leaves) {
      const [ofLeaf, ofEvent, ofObject] = await commitsOf(leaf)
      const isLast = !leaves.some((one) => one.stream === leaf.stream && Number(one.sequence) > Number(leaf.sequence))
      expect([ofLeaf, ...(isLast ? [ofObject] : [])]).toEqual(isLast ? [ofEvent, ofEvent] : [ofEvent])
    }

    // said again, it is the same answer or a refusal, and no second fact
    if (procedure.path.endsWith('.update')) return
    const counted = await rowCounts(world.database)
    await call(world.url, procedure, input, headers)
    expect(await rowCounts(world.database)).toEqual(counted)
  },
)

test('every event that was written says what the contract says of its type', async () => {
  await placeAll(world)
  const rows = await feedOf(world.built.services.db).select(eventColumns).execute()
  for (const row of rows) {
    const event = eventOf(row)
    expect(writtenEvent.safeParse(event).error, `${event.type} ${JSON.stringify(event.data)}`).toBeUndefined()
  }
  const written = new Set(rows.map(({ object_type }) => object_type))
  // only refusals store one in a leaf of its own
  expect(objectTypes.filter((kind) => !written.has(kind))).toEqual(['decision'])
})

/** The commits in which a leaf, its event and its object were written last. */
const commitsOf = (leaf: Awaited<ReturnType<typeof leavesIn>>[number]) =>
  withAdmin(world.database.adminUrl, async (admin) => {
    const rows = objects.map((table) => `select xmin::text from "${table}" where id = $1`).join(' union all ')
    const object = await admin.query<{ xmin: string }>(rows, [leaf.stream])
    const event = await admin.query<{ xmin: string; type: string }>(
      'select xmin::text, type from event where object_id = $1 and sequence = $2',
      [leaf.stream, leaf.sequence],
    )
    expect(object.rows).toHaveLength(1)
    expect(event.rows[0]?.type).toBe(JSON.parse(leaf.body).action)
    return [leaf.commit, event.rows[0]!.xmin, object.rows[0]!.xmin]
  })

const leavesIn = ({ database }: World) =>
  withAdmin(database.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ stream: string; sequence: string; body: Buffer; commit: string }>(
      'select stream, sequence, body, xmin::text as commit from audit',
    )
    return rows.map(({ body, ...row }) => ({ ...row, body: body.toString(), key: `${row.stream} ${row.sequence}` }))
  })

test.each(['audit', 'event', 'decision'])(
  "the application's role can neither change nor delete rows of %s",
  async (table) => {
    const { pool } = world.database
    const column = table === 'decision' ? 'app_id' : 'sequence'
    for (const statement of [`update ${table} set ${column} = ${column}`, `delete from ${table}`, `truncate ${table}`])
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
  },
)
