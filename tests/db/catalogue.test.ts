import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../client-sdk/index.ts'
import { catalogue, dataClasses } from '../../db/catalogue.ts'
import { rateLimits } from '../../server/auth/rate-limits.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { request } from '../http/support/calls.ts'
import { withAdmin } from '../http/support/rows.ts'
import { run } from '../http/support/run.ts'
import { eventually } from '../support/eventually.ts'
import { publish } from '../support/policies.ts'
import { testWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ attestations: true })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Every column that there is, in every schema but the database's own. */
const columns = () =>
  withAdmin(world.database.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ schema: string; table: string; column: string }>(
      `select table_schema as schema, table_name as table, column_name as column from information_schema.columns
       where table_schema not in ('pg_catalog', 'information_schema', 'pgboss') order by 1, 2, ordinal_position`,
    )
    return rows
  })

test('every column of the database is in the catalogue with its class, and nothing else is', async () => {
  const there = (await columns()).map(({ schema, table, column }) => `${schema}.${table}.${column}`)
  const listed = Object.entries(catalogue).flatMap(([table, its]) =>
    Object.keys(its).map((column) => `public.${table}.${column}`),
  )
  // say what a new column holds in db/catalogue.ts
  expect(there.toSorted()).toEqual(listed.toSorted())
  for (const its of Object.values(catalogue))
    for (const one of Object.values(its)) expect(Object.keys(dataClasses)).toContain(one)
  expect(Object.keys(dataClasses).filter((name) => /personal|pii/i.test(name))).toEqual([])
})

test('only the inbox of webhooks, the log of deliveries and the answers of paid APIs keep what others sent', () => {
  const raw = Object.entries(catalogue).flatMap(([table, its]) =>
    Object.entries(its).flatMap(([column, one]) => (one === 'raw' ? [`${table}.${column}`] : [])),
  )
  expect(raw).toEqual([
    'delivery_attempt.response',
    'purchase_answer.headers',
    'purchase_answer.body',
    'webhook_inbox.body',
  ])
})

const personal = {
  name: 'Ada Lovelace',
  mail: 'ada.lovelace@example.com',
  phone: '+44 20 7946 0958',
  passport: 'X1234567P',
  birthday: '1815-12-10',
  street: '12 St James Square',
  network: '192.0.2.77',
}
const everything = Object.values(personal)

/** Columns in which something personal is to be read, in whatever way it is written. */
async function leaks(texts: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  await withAdmin(world.database.adminUrl, async (admin) => {
    for (const { schema, table, column } of await columns()) {
      const { rows } = await admin.query(`select "${column}" as value from "${schema}"."${table}"`)
      for (const { value } of rows) {
        const text = Buffer.isBuffer(value) ? value.toString() : (JSON.stringify(value) ?? '')
        if (texts.some((one) => text.toLowerCase().includes(one.toLowerCase()))) found.add(`${table}.${column}`)
      }
    }
  })
  return [...found]
}

const sign = (id: string, timestamp: string, body: string) => {
  const key = Buffer.from(sandboxSecrets.webhookSecret.replace('whsec_', ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

test('what is personal and sent along by callers, providers and files is stored nowhere but in the bodies of webhooks', async () => {
  const now = String(Math.floor(Date.now() / 1000))
  // callers: a name is no reference to an owner
  for (const owner of [personal.name, personal.mail])
    expect(await world.client.wallets.create.mutate({ owner }).catch(errorOf)).toMatchObject({ code: 'INVALID_INPUT' })

  // Chainsettle: a settlement with names, places and documents in it, one that holds with a place that is none, and a callback
  const wallet = await world.wallet()
  const chainsettle = world.chainsettle()
  const settlement = {
    ...{ settlement_id: personal.passport, settlement_type: 'docusign', network: 'base' },
    ...{ user_email: personal.mail, counterparty: wallet.address },
    details: {
      asset_name: personal.name,
      geo_id: personal.street,
      document_uri: `https://docs.test/${personal.passport}`,
    },
  }
  const initialized = await fetch(`${chainsettle.url}/api/init_attest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settlement),
  })
  const answered = await initialized.text()
  await chainsettle.attest({ subject: wallet.address, jurisdiction: personal.street })
  const idHash = await chainsettle.attest({ subject: wallet.address })
  const body = JSON.stringify({ ...personal, id_hash: idHash.slice(2), status: 'completed', event_id: randomUUID() })
  const mac = createHmac('sha256', sandboxSecrets.callbackSecret).update(`${now}.${body}`).digest('hex')
  const heard = await request(`${world.url}/webhooks/chainsettle`, body, {
    headers: { 'chainsettle-signature': `t=${now},v1=${mac}` },
  })
  expect([initialized.status, answered.includes(personal.mail), heard.status]).toEqual([200, true, 200])

  // a payment that is decided on it, and settles
  const parties: ['payer'] = ['payer']
  await publish(
    world,
    { rule: 'kyc', parties, level: 2, maxAgeDays: null, otherwise: 'deny', unanswered: 'deny' },
    { rule: 'jurisdiction', parties, allowed: null, blocked: ['KP'], otherwise: 'deny', unanswered: 'deny' },
  )
  const { id: paywallId } = await world.paywall()
  const wish = { paywallId, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { id: paymentId } = await world.client.payments.create.mutate(wish)
  await world.until(paymentId, 'settled')

  // Crossmint: a webhook with the owner of a wallet in it
  const id = `msg_${randomUUID()}`
  const event = JSON.stringify({
    ...{ id: 'evt', type: 'wallets.transfer.in' },
    data: { sender: { ...personal, owner: `email:${personal.mail}` }, error: { message: personal.name } },
  })
  const delivered = await request(`${world.url}/webhooks/crossmint`, event, {
    headers: { 'svix-id': id, 'svix-timestamp': now, 'svix-signature': sign(id, now, event) },
  })
  expect(delivered.status).toBeLessThan(300)
  await eventually(async () => {
    const inbox = world.built.services.db.selectFrom('webhook_inbox').select('state').where('event_id', '=', id)
    expect(await inbox.executeTakeFirst()).toEqual({ state: expect.stringMatching(/processed|rejected/) })
  })

  // OFAC: names and identity papers beside the addresses
  const imported = await run(
    'server/cli.ts',
    [
      'lists',
      'import',
      'sandbox/lists/sdn.xml',
      '--app',
      world.appId,
      '--list',
      'ofac',
      '--kind',
      'sanctions',
      '--format',
      'ofac-xml',
    ],
    { DATABASE_URL: world.database.applicationUrl },
  )
  expect(imported).toMatchObject({ code: 0 })

  expect(await leaks(everything)).toEqual(['webhook_inbox.body'])
  expect(await leaks(['EXAMPLE & SONS', 'exchange.example'])).toEqual([])
  // what is looked for would be found
  expect((await leaks([wallet.address])).length).toBeGreaterThan(3)
})

test('whom a limit counts by where they come from is not told by what is stored', async () => {
  const size = { points: 5, seconds: 60 }
  const limits = { signIn: size, money: size, write: size, read: size }
  await rateLimits(world.database.db, { limits, secret: 'a secret' }).consume('signIn', `ip:${personal.network}`)
  const rows = await world.database.db.selectFrom('rate_limit').select('key').execute()
  expect(rows.map(({ key }) => key)).toEqual([expect.stringMatching(/^signIn:ip:[0-9a-f]{32}$/)])
  expect(await leaks([personal.network])).not.toContain('rate_limit.key')
})
