import { createHmac, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { databaseProxy, type Fault } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld, type World } from '../support/world.ts'
import { type Instance, instance } from './support/instance.ts'

let world: World
// takes the deliveries; the workers of the world process what it stores
let edge: Instance
beforeAll(async () => {
  world = await testWorld()
  await world.crossmint.setWebhook(null)
  edge = await instance(world)
})
afterAll(async () => {
  await edge[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const WARN = 40
const warnings = () => edge.lines.filter(({ level }) => level >= WARN)

const seconds = (offset = 0) => String(Math.floor(Date.now() / 1000) + offset)

interface Delivery {
  id?: string
  timestamp?: string
  body?: string | Buffer
  secret?: string
  headers?: Record<string, string | string[] | undefined>
  url?: string
}

function sign(secret: string, id: string, timestamp: string, body: string | Buffer): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}

const newId = () => `msg_${randomUUID()}`
const anything = JSON.stringify({ id: 'evt', type: 'wallets.something.new', data: {} })

/** Delivers as Svix does. `http.request` sends a header twice where `fetch` would join its values. */
function deliver(delivery: Delivery = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const { id = newId(), timestamp = seconds(), body = anything, url = edge.url } = delivery
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': sign(delivery.secret ?? sandboxSecrets.webhookSecret, id, timestamp, body),
    ...delivery.headers,
  }
  const given = Object.entries(headers).filter(([, value]) => value !== undefined) as [string, string | string[]][]
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}/webhooks/crossmint`,
      { method: 'POST', headers: Object.fromEntries(given) },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode!, body: text.startsWith('{') ? JSON.parse(text) : {} })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const inbox = (eventId: string) =>
  world.built.services.db
    .selectFrom('webhook_inbox')
    .select(['event_id', 'state', 'result', 'attempts', 'conflicts', 'body'])
    .where('event_id', '=', eventId)
    .execute()

const filed = (eventId: string) =>
  eventually(async () => {
    const [row] = await inbox(eventId)
    if (!row || row.state === 'received') throw new Error(`${eventId} is ${row?.state}`)
    return row
  })

describe('refused, logged, and not stored', () => {
  const late = { timestamp: seconds(-400) }
  const early = { timestamp: seconds(400) }
  const cases: Record<string, [Delivery, number, string]> = {
    'a signature of another secret': [
      { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
      401,
      'bad_signature',
    ],
    'a signature of another body': [{ headers: { 'svix-signature': `v1,${'A'.repeat(43)}=` } }, 401, 'bad_signature'],
    'a signature of another version': [{ headers: { 'svix-signature': 'v2,abc' } }, 401, 'bad_signature'],
    'a delivery of 400 seconds ago': [late, 401, 'too_old'],
    'a delivery from 400 seconds ahead': [early, 401, 'too_old'],
    'a time that is none': [{ timestamp: 'yesterday' }, 400, 'bad_timestamp'],
    'no id': [{ headers: { 'svix-id': undefined } }, 400, 'missing_headers'],
    'no time': [{ headers: { 'svix-timestamp': undefined } }, 400, 'missing_headers'],
    'no signature': [{ headers: { 'svix-signature': undefined } }, 400, 'missing_headers'],
    'two ids': [{ headers: { 'svix-id': ['msg_1', 'msg_2'] } }, 400, 'missing_headers'],
    'two times': [{ headers: { 'svix-timestamp': [seconds(), seconds()] } }, 400, 'missing_headers'],
    'ten megabytes': [{ body: Buffer.alloc(10 * 1024 * 1024, 'x') }, 413, 'TOO_LARGE'],
    'an unknown encoding': [{ headers: { 'content-encoding': 'compress' } }, 415, 'INVALID_INPUT'],
    'gzip that is none': [{ headers: { 'content-encoding': 'gzip' } }, 400, 'INVALID_INPUT'],
    'gzip of ten megabytes': [
      { body: gzipSync(Buffer.alloc(10 * 1024 * 1024)), headers: { 'content-encoding': 'gzip' } },
      413,
      'TOO_LARGE',
    ],
  }

  test.each(Object.keys(cases))('%s', async (name) => {
    const [delivery, status, error] = cases[name]!
    const id = newId()
    const logged = warnings().length
    const answer = await deliver({ id, ...delivery })

    expect(answer).toMatchObject({ status, body: { error, message: expect.stringMatching(/\w+ \w+/) } })
    expect(warnings()).toHaveLength(logged + 1)
    expect(await inbox(id)).toEqual([])
  })

  test('a body that breaks off', async () => {
    const logged = warnings().length
    const id = newId()
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1')
    const timestamp = seconds()
    socket.write(
      `POST /webhooks/crossmint HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\nsvix-id: ${id}\r\n` +
        `svix-timestamp: ${timestamp}\r\nsvix-signature: ${sign(sandboxSecrets.webhookSecret, id, timestamp, anything)}\r\n\r\n` +
        anything,
    )
    socket.end()
    await new Promise((resolve) => socket.resume().on('close', resolve))
    await eventually(() => expect(warnings()).toHaveLength(logged + 1))
    expect(await inbox(id)).toEqual([])

    const whole = await deliver({ id })
    expect(whole).toMatchObject({ status: 200, body: { stored: true } })
  })

  test('a body that lost its end on the way', async () => {
    const [id, timestamp] = [newId(), seconds()]
    const signature = sign(sandboxSecrets.webhookSecret, id, timestamp, anything)
    const cut = await deliver({ id, timestamp, body: anything.slice(0, -5), headers: { 'svix-signature': signature } })
    expect(cut.status).toBe(401)
    expect(await inbox(id)).toEqual([])
  })

  test('another method', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await fetch(`${world.url}/webhooks/crossmint`, { method })).status).toBe(404)
  })
})

describe('stored, then filed', () => {
  test.each([
    ['an unknown type', anything, 'processed', 'nothing to do for its type'],
    ['a transfer of nobody', transfer('txn_of_nobody'), 'processed', '0 transactions looked at'],
    ['no JSON', 'hello', 'rejected', 'its body is not JSON'],
    ['nothing', '', 'rejected', 'its body is not JSON'],
    ['JSON that is no webhook', '[1,2]', 'rejected', 'its body is not a webhook'],
    ['bytes that are no text', Buffer.from([0, 0xff, 0xfe, 0x80]), 'rejected', 'its body is not JSON'],
  ])('%s, correctly signed', async (_name, body, state, result) => {
    const id = newId()
    expect(await deliver({ id, body })).toEqual({ status: 200, body: { stored: true } })
    const row = await filed(id)
    expect(row).toMatchObject({ state, result })
    expect(row.body).toEqual(Buffer.from(body))
  })

  test('a delivery of 290 seconds ago', async () => {
    expect((await deliver({ timestamp: seconds(-290) })).status).toBe(200)
  })

  test('one good signature beside others', async () => {
    const [id, timestamp] = [newId(), seconds()]
    const good = sign(sandboxSecrets.webhookSecret, id, timestamp, anything)
    const answer = await deliver({ id, timestamp, headers: { 'svix-signature': `v1,AAAA v1a,xyz ${good}` } })
    expect(answer).toEqual({ status: 200, body: { stored: true } })
  })

  test('while the secret is being changed, the old and the new one are good; another is not', async () => {
    const next = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    await using rotating = await instance(world, {
      CROSSMINT_WEBHOOK_SECRET: `${sandboxSecrets.webhookSecret},${next}`,
    })
    const { url } = rotating
    expect((await deliver({ url })).status).toBe(200)
    expect((await deliver({ url, secret: next })).status).toBe(200)
    expect((await deliver({ url, secret: `whsec_${Buffer.alloc(24, 8).toString('base64')}` })).status).toBe(401)
    expect((await deliver({ secret: next })).status).toBe(401)
  })

  test('it is answered before it is processed', async () => {
    await using alone = await testWorld({ workers: false })
    const id = newId()
    expect(await deliver({ id, url: alone.url })).toEqual({ status: 200, body: { stored: true } })
    const rows = alone.built.services.db.selectFrom('webhook_inbox').select(['state', 'event_id'])
    expect(await rows.execute()).toEqual([{ state: 'received', event_id: id }])

    alone.built.startWorkers()
    await eventually(async () => expect(await rows.execute()).toEqual([{ state: 'processed', event_id: id }]))
  })
})

function transfer(transferId: string): string {
  const party = { address: '0x90F79bf6EB2c4f870365E785982E1f101E93b906', chain: 'avalanche-fuji' }
  return JSON.stringify({
    id: transferId,
    type: 'wallets.transfer.out',
    data: {
      transferId,
      sender: party,
      recipient: party,
      token: { type: 'fungible', chain: 'avalanche-fuji', locator: 'avalanche-fuji:usdc', amount: '1' },
      status: 'completed',
      completedAt: new Date().toISOString(),
    },
  })
}

describe('one effect for one id', () => {
  test('fifty deliveries at once, and one more later', async () => {
    const id = newId()
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver({ id })))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(answers.filter(({ body }) => body.stored)).toHaveLength(1)
    await filed(id)
    expect(await deliver({ id })).toEqual({ status: 200, body: { stored: false } })
    expect(await inbox(id)).toMatchObject([{ state: 'processed', attempts: 1 }])
  })

  test('over two instances', async () => {
    await using other = await instance(world)
    const id = newId()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => deliver({ id, ...(index % 2 && { url: other.url }) })),
    )
    expect(answers.filter(({ body }) => body.stored)).toHaveLength(1)
    expect(await inbox(id)).toHaveLength(1)
  })

  test('another body under a known id changes nothing', async () => {
    const id = newId()
    await deliver({ id, body: 'first' })
    expect(await deliver({ id, body: 'second' })).toEqual({ status: 200, body: { stored: false } })
    expect(await filed(id)).toMatchObject({ body: Buffer.from('first'), conflicts: 1 })
    await deliver({ id, body: 'first' })
    expect(await inbox(id)).toMatchObject([{ state: 'rejected', conflicts: 1 }])
    expect(edge.lines.at(-1)).toMatchObject({ msg: 'webhook' })
    expect(warnings().at(-1)!.text).toContain(id)
  })
})

describe('the database', () => {
  test('away: 503, and a redelivery is stored', async () => {
    let isAway = true
    await using proxy = await databaseProxy(world.database.applicationUrl, (): Fault | undefined =>
      isAway ? 'drop-before' : undefined,
    )
    await using behind = await instance(world, { DATABASE_URL: proxy.url })
    const id = newId()
    expect(await deliver({ id, url: behind.url })).toMatchObject({
      status: 503,
      body: { error: 'DATABASE_UNAVAILABLE', requestId: expect.any(String) },
    })
    expect(await inbox(id)).toEqual([])

    isAway = false
    expect(await deliver({ id, url: behind.url })).toEqual({ status: 200, body: { stored: true } })
    expect((await filed(id)).state).toBe('processed')
  })

  test('stores, and its answer is lost: still one row, and the redelivery is known', async () => {
    let faults = 1
    await using proxy = await databaseProxy(world.database.applicationUrl, ({ sql }): Fault | undefined =>
      sql.includes('insert into webhook_inbox') && faults-- > 0 ? 'drop-after' : undefined,
    )
    await using behind = await instance(world, { DATABASE_URL: proxy.url })
    const id = newId()
    expect((await deliver({ id, url: behind.url })).status).toBe(200)
    expect(proxy.injected['drop-after']).toBe(1)
    expect((await deliver({ id, url: behind.url })).body).toEqual({ stored: false })
    expect(await inbox(id)).toHaveLength(1)
    expect((await filed(id)).state).toBe('processed')
  })
})
