import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, createClient, errorOf } from '../../client-sdk/index.ts'
import { entryOf, takeOff } from '../support/lists.ts'
import { person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { procedures } from './support/calls.ts'
import { anyAddress } from './support/inputs.ts'
import { withAdmin } from './support/rows.ts'
import { worldElsewhere } from './support/world-of.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

interface Page {
  items: { id: string }[]
  nextCursor: string | null
}
type Ask = (request: { cursor?: string | null; limit?: number }) => Promise<Page>

const trail = { version: 1n, audit_head: Buffer.alloc(32) }
const recipient = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

/** For each list: a new scope of it, how its rows are asked for, and a row of a given time. */
const lists: Record<string, () => Promise<{ ask: Ask; insert: (at: Date) => Promise<string> }>> = {
  'paywalls.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.paywalls.list.query(request), insert: (at) => paywall(appId, at) }
  },
  'wallets.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.wallets.list.query(request), insert: (at) => wallet(appId, at) }
  },
  'lists.entries': async () => {
    const { client, appId } = await world.stranger()
    const lists = await Promise.all(['deny', 'allow'].map((name) => list(appId, name, new Date(start))))
    const insert = async (at: Date) => {
      const id = randomUUID()
      const list_id = lists[at.getTime() % 2]!
      const entry = { list_id, snapshot_id: list_id, subject: anyAddress(), reason: 'r', source: 's' }
      await insertInto('list_entry', { id, app_id: appId, ...entry, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.lists.entries.query(request), insert }
  },
  'inbox.list': async () => {
    // a source of its own
    const provider = randomUUID()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const work = { state: at.getTime() % 2 ? 'processed' : 'dead', shard: 0, attempts: 1, received_at: at }
      await insertInto('webhook_inbox', { id, provider, event_id: id, body: Buffer.alloc(0), ...work })
      return id
    }
    return { ask: (request) => world.operator.inbox.list.query({ source: provider, ...request }), insert }
  },
  'lists.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.lists.list.query(request), insert: (at) => list(appId, randomUUID(), at) }
  },
  'lists.imports': async () => {
    const { client, appId } = await world.stranger()
    const list_id = await list(appId, 'deny', new Date(start))
    const insert = async (at: Date) => {
      const id = randomUUID()
      const told = { state: 'discarded', source: 's', staged_by: 'user:x', created_at: at, expires_at: at }
      await insertInto('list_import', { id, app_id: appId, list_id, ...told })
      return id
    }
    return { ask: (request) => client.lists.imports.query(request), insert }
  },
  'payments.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.payments.list.query(request), insert: (at) => payment(appId, at) }
  },
  'access.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const [id, paymentId] = [randomUUID(), await payment(appId, at)]
      const bought = { paywall_id: randomUUID(), wallet_id: randomUUID(), payment_id: paymentId }
      await insertInto('access', { id, app_id: appId, ...bought, starts_at: at, created_at: at })
      return id
    }
    return { ask: (request) => client.access.list.query(request), insert }
  },
  'apiKeys.list': async () => {
    const { id: appId } = await world.operator.apps.create.mutate({ name: 'x', idempotencyKey: randomUUID() })
    const insert = async (at: Date) => {
      const id = randomUUID()
      const hash = Buffer.from(id)
      await insertInto('api_key', { id, app_id: appId, name: 'k', prefix: 'psk_', hash, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => world.operator.apiKeys.list.query({ appId, ...request }), insert }
  },
  'approvals.list': async () => {
    const { appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const action = JSON.stringify({ type: 'role.grant', userId: randomUUID(), role: 'merchant' })
      const wish = { action, reason: 'r', state: 'expired', requested_by: 'user:x', shard: 0, attempts: 0 }
      await insertInto('approval', { id, app_id: appId, ...wish, created_at: at, expires_at: at, ...trail })
      return id
    }
    return { ask: (request) => world.operator.approvals.list.query({ appId, ...request }), insert }
  },
  'users.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      await insertInto('app_user', { id, app_id: appId, address: anyAddress(), roles: [], created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.users.list.query(request), insert }
  },
  'decisions.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = { action: 'payment', outcome: 'allow', subject: '{}', checks: '[]', list_version: 0n }
      await insertInto('decision', { id, app_id: appId, ...about, created_at: at })
      return id
    }
    return { ask: (request) => client.decisions.list.query(request), insert }
  },
  'policies.list': async () => {
    const { client, appId } = await world.stranger()
    let number = 0
    const insert = async (at: Date) => {
      const id = randomUUID()
      number++
      await insertInto('policy', { id, app_id: appId, number, state: 'draft', rules: '[]', created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.policies.list.query(request), insert }
  },
  'reviews.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = { payment_id: randomUUID(), decision_id: randomUUID(), requested_by: 'key:x', state: 'expired' }
      const work = { shard: 0, attempts: 0, expires_at: at }
      await insertInto('review', { id, app_id: appId, ...about, ...work, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.reviews.list.query(request), insert }
  },
  'tokens.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.tokens.list.query(request), insert: (at) => token(appId, at) }
  },
  'eerc.list': async () => {
    const { client, appId } = await world.stranger()
    const [token_id, wallet_id] = await Promise.all([token(appId, new Date(start)), wallet(appId, new Date(start))])
    const insert = async (at: Date) => {
      const [id, transaction_id] = [randomUUID(), randomUUID()]
      const moved = { wallet_id, chain_id: 43_113n, provider: 'local', sender: recipient, calls: '[]' }
      const now = { shard: 0, attempts: 0, screened_version: 0n, created_at: at, updated_at: at, version: 1n }
      await insertInto('transaction', { id: transaction_id, app_id: appId, ...moved, ...now, state: 'cancelled' })
      const about = { token_id, wallet_id, type: 'transfer', action: '{"type":"pause"}', requested_by: 'key:x' }
      const of = { payer: recipient, recipient, amount: 1n, state: 'cancelled', decision_id: randomUUID() }
      const times = { created_at: at, updated_at: at }
      await insertInto('eerc_operation', { id, app_id: appId, ...about, ...of, ...times, transaction_id, ...trail })
      return id
    }
    return { ask: (request) => client.eerc.list.query(request), insert }
  },
  'purchases.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = { requested_by: 'key:x', way: 'direct', method: 'GET', url: 'https://example.org/', spent: 0n }
      const work = { state: 'refused', checks: '[]', shard: 0, attempts: 0, updated_at: at }
      await insertInto('purchase', { id, app_id: appId, ...about, ...work, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.purchases.list.query(request), insert }
  },
  'purchases.policies': async () => {
    const { client, appId } = await world.stranger()
    let number = 0
    const insert = async (at: Date) => {
      const id = randomUUID()
      number++
      const terms = '{"sellers":[],"assets":[],"ways":[],"windowSeconds":60}'
      await insertInto('buying_policy', { id, app_id: appId, number, state: 'draft', terms, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.purchases.policies.query(request), insert }
  },
  'reports.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = {
        kinds: ['reviews'],
        period_from: new Date(0),
        period_to: at,
        state: 'failed',
        requested_by: 'user:x',
      }
      await insertInto('report', { id, app_id: appId, ...about, shard: 0, attempts: 0, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.reports.list.query(request), insert }
  },
  'holds.list': async () => {
    const { client, appId } = await world.stranger()
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = { object_type: 'user', object_id: randomUUID(), reason: 'r', placed_by: 'user:x' }
      await insertInto('hold', { id, app_id: appId, ...about, created_at: at, ...trail })
      return id
    }
    return { ask: (request) => client.holds.list.query(request), insert }
  },
  'endpoints.list': async () => {
    const { client, appId } = await world.stranger()
    return { ask: (request) => client.endpoints.list.query(request), insert: (at) => endpoint(appId, at) }
  },
  'deliveries.list': async () => {
    const { client, appId } = await world.stranger()
    const endpointId = await endpoint(appId, new Date(start))
    const insert = async (at: Date) => {
      const id = randomUUID()
      const about = {
        endpoint_id: endpointId,
        app_id: appId,
        object_id: randomUUID(),
        sequence: 1n,
        type: 'app.updated',
      }
      const ended = { state: 'failed', attempts: 1, spent: 1, ended_at: at }
      await insertInto('delivery', { id, ...about, ...ended, created_at: at })
      return id
    }
    return { ask: (request) => client.deliveries.list.query({ endpointId, ...request }), insert }
  },
  'auth.sessions': async () => {
    const me = await person(world)
    const insert = async (at: Date) => {
      const id = randomUUID()
      const whose = { app_id: me.appId, user_id: me.userId, address: me.account.address, secret_hash: Buffer.alloc(32) }
      await insertInto('session', { id, ...whose, created_at: at, last_seen_at: at, expires_at: at, ...trail })
      return id
    }
    // the session that asks comes after all others
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update session set created_at = '2000-01-01' where id = $1", [me.sessionId]),
    )
    const client = createClient({ url: world.url, apiKey: await me.token('account:read') })
    const ask: Ask = async (request) => {
      const page = await client.auth.sessions.query(request)
      return { ...page, items: page.items.filter(({ id }) => id !== me.sessionId) }
    }
    return { ask, insert }
  },
  'assets.list': async () => {
    // assets are everybody's: this scope begins after those that are there
    const insert = async (at: Date) => {
      const id = randomUUID()
      await insertInto('asset', {
        id,
        chain_id: 1n,
        address: anyAddress(),
        symbol: 'T',
        decimals: 0,
        created_at: new Date(at.getTime() + 10 * 365 * 86_400_000),
        ...trail,
      })
      return id
    }
    const others = new Set((await world.client.assets.list.query({ limit: 100 })).items.map(({ id }) => id))
    const ask: Ask = async (request) => {
      const page = await world.client.assets.list.query(request)
      return { ...page, items: page.items.filter(({ id }) => !others.has(id)) }
    }
    return { ask, insert }
  },
}

/** Writes a row as the service would, at a time of the test's choosing. */
const insertInto = (table: string, row: object) =>
  world.built.services.db
    .insertInto(table as 'paywall')
    .values(row as never)
    .execute()

async function endpoint(appId: string, at: Date): Promise<string> {
  const id = randomUUID()
  const what = { url: 'https://example.org', types: ['*'], description: '', state: 'enabled' }
  await insertInto('endpoint', { id, app_id: appId, ...what, created_at: at, ...trail })
  return id
}

async function paywall(appId: string, at: Date): Promise<string> {
  const id = randomUUID()
  const terms = { title: 't', asset_id: world.assetId, price: 1n, recipient, state: 'open' }
  await insertInto('paywall', { id, app_id: appId, ...terms, created_at: at, updated_at: at, ...trail })
  return id
}

async function list(appId: string, name: string, at: Date): Promise<string> {
  const id = randomUUID()
  await insertInto('list', {
    ...{ id, app_id: appId, name, kind: 'deny', snapshot_id: id, changed_in: 1n, created_at: at, ...trail },
  })
  return id
}

async function wallet(appId: string, at: Date): Promise<string> {
  const id = randomUUID()
  const account = { kind: 'custodial', provider: 'crossmint', address: anyAddress(), owner: id }
  await insertInto('wallet', { id, app_id: appId, ...account, created_at: at, ...trail })
  return id
}

async function token(appId: string, at: Date): Promise<string> {
  const [id, assetId] = [randomUUID(), randomUUID()]
  const asset = { chain_id: 43_113n, address: anyAddress(), symbol: 'T', decimals: 6, created_at: at, ...trail }
  await insertInto('asset', { id: assetId, ...asset })
  const about = { asset_id: assetId, kind: 'encrypted', capabilities: '{}', roles: '{}' }
  await insertInto('eerc_token', { id, app_id: appId, ...about, created_at: at, ...trail })
  return id
}
async function payment(appId: string, at: Date): Promise<string> {
  const [id, transactionId] = [randomUUID(), randomUUID()]
  const [paywallId, walletId] = await Promise.all([paywall(appId, at), wallet(appId, at)])
  const times = { created_at: at, updated_at: at }
  const work = { provider: 'crossmint', sender: recipient, calls: '[]', state: 'cancelled', shard: 0, attempts: 0 }
  await insertInto('transaction', {
    ...{ id: transactionId, app_id: appId, wallet_id: walletId, chain_id: 43_113n, ...work, ...times, version: 1n },
  })
  const parts = { paywall_id: paywallId, wallet_id: walletId, transaction_id: transactionId, decision_id: randomUUID() }
  const terms = { asset_id: world.assetId, payer: recipient, recipient, amount: 1n, state: 'cancelled' }
  await insertInto('payment', { id, app_id: appId, ...parts, ...terms, ...times, ...trail })
  return id
}

async function walk(ask: Ask, limit: number, from: string | null = null): Promise<string[]> {
  const seen: string[] = []
  for (let cursor = from; ; ) {
    const { items, nextCursor } = await ask({ limit, cursor })
    expect(items.length).toBeLessThanOrEqual(limit)
    seen.push(...items.map(({ id }) => id))
    if (nextCursor === null) return seen
    cursor = nextCursor
  }
}

const start = Date.parse('2026-01-01T00:00:00.123Z')
const times = (milliseconds: number[]) => milliseconds.map((offset) => new Date(start + offset))

test('every list of the router is here', () => {
  const paged = procedures.filter(({ fields }) => 'cursor' in fields).map(({ path }) => path)
  // the pages of these go by what is in them, not by time alone
  const others = ['audit.search', 'audit.trail', 'events.list', 'lists.at']
  expect(paged.sort()).toEqual([...Object.keys(lists), ...others].sort())
})

describe.each(Object.keys(lists))('%s', (name) => {
  test('pages of any size hold every row once, newest first, also those of one millisecond', async () => {
    const { ask, insert } = await lists[name]!()
    const made: { id: string; at: number }[] = []
    for (const at of times([...Array(12).fill(5), 1, 2, 3, ...Array(8).fill(4)]))
      made.push({ id: await insert(at), at: at.getTime() })

    const newestFirst = made.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id)
    for (const limit of [1, 5, 7, 100]) expect(await walk(ask, limit)).toEqual(newestFirst)
  })

  test('rows made meanwhile neither repeat nor hide any', async () => {
    const { ask, insert } = await lists[name]!()
    const made: string[] = []
    for (const at of times([1, 2, 3, 4, 5, 6, 7, 8])) made.unshift(await insert(at))

    const first = await ask({ limit: 3 })
    for (const at of times([100, 101, 102, 103])) await insert(at)
    const rest = await walk(ask, 3, first.nextCursor)
    expect([...first.items.map(({ id }) => id), ...rest]).toEqual(made)
  })

  test('a last page that is full is the last', async () => {
    const { ask, insert } = await lists[name]!()
    for (const at of times([1, 2, 3])) await insert(at)
    const { items, nextCursor } = await ask({ limit: 3 })
    // assets of others come after ours, and the session that asks after the others
    if (name !== 'assets.list' && name !== 'auth.sessions')
      expect({ count: items.length, nextCursor }).toEqual({ count: 3, nextCursor: null })
  })

  test.each([0, 101, -1, 2.5])('a limit of %d is refused', async (limit) => {
    const { ask } = await lists[name]!()
    const error = await ask({ limit }).then(() => null, errorOf)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['limit'] }] })
  })

  test.each([
    '0',
    '12',
    `1.${'-'.repeat(36)}`,
    '1.00000000-0000-0000-0000-00000000000',
    `-1.${randomUUID()}`,
    `9999999999999999.${randomUUID()}`,
    "1' or 1=1",
    'é'.repeat(50),
  ])('the cursor %j is refused', async (cursor) => {
    const { ask } = await lists[name]!()
    const error = await ask({ cursor }).then(() => null, errorOf)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['cursor'] }] })
  })

  // assets are nobody's: others have their rows there too
  test.skipIf(name === 'assets.list')(
    "a cursor from elsewhere is a place in time: it shows no row of another's",
    async () => {
      const { ask, insert } = await lists[name]!()
      const [old] = [await insert(new Date(start)), await insert(new Date(start + 60_000))]
      const cursor = `${start + 30_000}.${randomUUID()}`
      expect((await ask({ cursor })).items[0]?.id).toBe(old)
      for (const edge of ['0', '999999999999999']) await ask({ cursor: `${edge}.${randomUUID()}` })
    },
  )
})

test('times are written in whole milliseconds, as cursors carry them', async () => {
  await using busy = await testWorld()
  const [open, payer] = await Promise.all([busy.paywall({ accessSeconds: 60 }), busy.wallet()])
  const purchase = { paywallId: open.id, walletId: payer.id }
  const { id } = await busy.client.payments.create.mutate({ ...purchase, idempotencyKey: randomUUID() })
  await busy.until(id, 'settled')
  await busy.client.lists.add.mutate({ list: 'sanctions', address: payer.address, reason: 'r' })

  await withAdmin(busy.database.adminUrl, async (admin) => {
    const { rows: columns } = await admin.query(`
      select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type = 'timestamp with time zone' and table_name not like 'migration%'`)
    expect(columns.length).toBeGreaterThan(20)
    for (const { table_name: table, column_name: column } of columns) {
      const { rows } = await admin.query(
        `select count(*)::int as count from "${table}" where date_trunc('milliseconds', ${column}) <> ${column}`,
      )
      expect(rows[0].count, `${table}.${column}`).toBe(0)
    }
  })
})

describe('filters', () => {
  const idsOf = async (page: Promise<Page>) => (await page).items.map(({ id }) => id)

  test('payments by wallet, paywall and state, together and alone', async () => {
    const [first, second, walletA, walletB] = await Promise.all([
      world.paywall(),
      world.paywall(),
      world.wallet(),
      world.wallet(),
    ])
    const pay = (paywallId: string, walletId: string) =>
      world.client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
    const a1 = await pay(first.id, walletA.id)
    const a2 = await pay(second.id, walletA.id)
    const b1 = await pay(first.id, walletB.id)
    await world.client.payments.cancel.mutate({ paymentId: a2.id })

    const list = (filter: Parameters<Client['payments']['list']['query']>[0]) =>
      idsOf(world.client.payments.list.query(filter))
    expect(await list({ walletId: walletA.id })).toEqual([a2.id, a1.id])
    expect(await list({ paywallId: first.id })).toEqual([b1.id, a1.id])
    expect(await list({ walletId: walletA.id, paywallId: first.id })).toEqual([a1.id])
    expect(await list({ walletId: walletA.id, state: 'cancelled' })).toEqual([a2.id])
    expect(await list({ walletId: walletB.id, state: 'settled' })).toEqual([])
  })

  test('paywalls by state, wallets by owner', async () => {
    const { client } = await world.stranger()
    const create = () =>
      client.paywalls.create.mutate({
        title: 't',
        assetId: world.assetId,
        price: 1n,
        recipient,
        idempotencyKey: randomUUID(),
      })
    const [open, archived] = [await create(), await create()]
    await client.paywalls.archive.mutate({ paywallId: archived.id })
    expect(await idsOf(client.paywalls.list.query({ state: 'open' }))).toEqual([open.id])
    expect(await idsOf(client.paywalls.list.query({ state: 'archived' }))).toEqual([archived.id])

    const mine = await client.wallets.create.mutate({ owner: 'customer-7' })
    await client.wallets.create.mutate({ owner: 'customer-70' })
    expect(await idsOf(client.wallets.list.query({ owner: 'customer-7' }))).toEqual([mine.id])
  })

  test('list entries by list and address, those taken off only when asked for', async () => {
    const elsewhere = await worldElsewhere(world)
    const { client } = elsewhere
    const [one, two] = [anyAddress(), anyAddress()]
    const add = async (list: string, address: string) =>
      entryOf(await client.lists.add.mutate({ list, address, reason: 'r' }))
    const a = await add('sanctions', one)
    const b = await add('fraud', one)
    const c = await add('fraud', two)
    await takeOff(elsewhere, c.id)

    expect(await idsOf(client.lists.entries.query({ subject: one }))).toEqual([b.id, a.id])
    expect(await idsOf(client.lists.entries.query({ list: 'fraud' }))).toEqual([b.id])
    expect(await idsOf(client.lists.entries.query({ list: 'fraud', removed: true }))).toEqual([c.id, b.id])
    expect(await idsOf(client.lists.entries.query({ list: 'sanctions', subject: two }))).toEqual([])
  })
})
