import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../client-sdk/index.ts'
import { readWebhookSecret, signatureOf } from '../../server/gateways/webhooks/standard-webhooks.ts'
import { databaseProxy, type Fault } from '../support/database-proxy.ts'
import { workInbox } from '../support/inbox.ts'
import { testWorld, type World } from '../support/world.ts'
import { request } from './support/calls.ts'
import { type Instance, instance } from './support/instance.ts'

const [secret, next] = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`) as [string, string]
const hmacSecret = 'a secret that persona and we know'

const sources = JSON.stringify([
  { name: 'billing', scheme: 'standard-webhooks', secrets: [secret, next] },
  { name: 'mail', scheme: 'svix', secrets: [secret] },
  { name: 'persona', scheme: 'hmac', header: 'persona-signature', idField: 'id', secrets: [hmacSecret] },
  { name: 'nameless', scheme: 'hmac', header: 'x-signature', secrets: [hmacSecret] },
])

let world: World
let edge: Instance
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  edge = await instance(world, { WEBHOOK_SOURCES: sources })
})
afterAll(async () => {
  await edge[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const seconds = () => String(Math.floor(Date.now() / 1000))
const standard = (prefix: string, body: string, { id = randomUUID() as string, by = secret, at = seconds() } = {}) => ({
  [`${prefix}-id`]: id,
  [`${prefix}-timestamp`]: at,
  [`${prefix}-signature`]: signatureOf(readWebhookSecret(by), id, at, body),
})
const hmac = (header: string, body: string, at = seconds()) => ({
  [header]: `t=${at},v1=${createHmac('sha256', hmacSecret).update(`${at}.${body}`).digest('hex')}`,
})

async function post(source: string, body: string, headers: Record<string, string>, url = edge.url) {
  const { status, text } = await request(`${url}/webhooks/${source}`, body, { headers })
  return { status, ...JSON.parse(text) }
}

const inbox = async (source: string) => (await world.operator.inbox.list.query({ source, limit: 100 })).items

test('what each source signs is stored before the answer, and kept to be read with its type', async () => {
  const event = { id: randomUUID(), type: 'inquiry.completed', data: {} }
  const body = JSON.stringify(event)
  const id = randomUUID()
  const signed = {
    billing: standard('webhook', body, { id, by: next }),
    mail: standard('svix', body, { id }),
    persona: hmac('persona-signature', body),
    nameless: hmac('x-signature', body),
  }
  for (const [source, headers] of Object.entries(signed)) {
    expect(await post(source, body, headers)).toEqual({ status: 200, stored: true })
    const [webhook, ...others] = await inbox(source)
    expect(others).toEqual([])
    expect(webhook).toMatchObject({ source, type: event.type, state: 'received', attempts: 0, result: null })
    expect(webhook!.eventId).toMatch({ billing: id, mail: id, persona: event.id }[source] ?? /^sha256:[0-9a-f]{64}$/)

    expect(await post(source, body, headers)).toEqual({ status: 200, stored: false })
    await workInbox(edge.built.services)
    expect(await inbox(source)).toMatchObject([{ id: webhook!.id, state: 'processed', result: 'kept to be read' }])
    expect(await world.operator.inbox.get.query({ webhookId: webhook!.id })).toMatchObject({
      ...{ body, encoding: 'utf8', bytes: body.length },
    })
  }
})

test('an id that comes again with another body: the first is kept, and the other counted', async () => {
  const id = randomUUID()
  const later = JSON.stringify({ type: 'invoice.changed' })
  expect(await post('billing', '{}', standard('webhook', '{}', { id }))).toMatchObject({ stored: true })
  for (let times = 1; times <= 2; times++)
    expect(await post('billing', later, standard('webhook', later, { id }))).toEqual({ status: 200, stored: false })
  const [webhook] = (await inbox('billing')).filter(({ eventId }) => eventId === id)
  expect(webhook).toMatchObject({ conflicts: 2, type: null })
  expect(await world.operator.inbox.get.query({ webhookId: webhook!.id })).toMatchObject({ body: '{}' })
  const counted = await (await fetch(`${edge.url}/metrics`)).text()
  expect(counted).toContain('webhooks_total{provider="billing",outcome="conflicting"} 2')
})

test('what is refused says what to do, and is not stored', async () => {
  const before = await inbox('billing')
  const body = '{}'
  const good = standard('webhook', body)
  const large = 'x'.repeat(256 * 1024 + 1)
  const cases: [string, string, Record<string, string>, number, string][] = [
    ['nobody', body, good, 404, 'UNKNOWN_SOURCE'],
    ['constructor', body, good, 404, 'UNKNOWN_SOURCE'],
    ['billing', body, standard('svix', body), 400, 'missing_headers'],
    ['billing', body, standard('webhook', body, { by: `whsec_${'A'.repeat(32)}` }), 401, 'bad_signature'],
    ['billing', '{} ', good, 401, 'bad_signature'],
    ['billing', body, standard('webhook', body, { at: '1' }), 401, 'too_old'],
    ['billing', body, standard('webhook', body, { at: 'now' }), 400, 'bad_timestamp'],
    ['billing', body, standard('webhook', body, { id: 'a b' }), 400, 'bad_id'],
    ['billing', large, standard('webhook', large), 413, 'TOO_LARGE'],
    ['persona', body, {}, 400, 'missing_headers'],
    ['persona', body, hmac('x-signature', body), 400, 'missing_headers'],
    ['persona', `${body} `, hmac('persona-signature', body), 401, 'bad_signature'],
  ]
  for (const [source, text, headers, status, error] of cases)
    expect(await post(source, text, headers)).toMatchObject({
      ...{ status, error, message: expect.stringMatching(/\w+ \w+/) },
    })
  expect(await inbox('billing')).toEqual(before)
  const largest = 'x'.repeat(256 * 1024)
  expect(await post('billing', largest, standard('webhook', largest))).toEqual({ status: 200, stored: true })
})

test('another secret of the same source is good as long as it is named; one of another source never is', async () => {
  expect(await post('mail', '{}', standard('svix', '{}', { by: next }))).toMatchObject({ status: 401 })
  expect(await post('billing', '{}', standard('webhook', '{}', { by: next }))).toMatchObject({ status: 200 })
})

test('the database away: 503, and sent again it is stored', async () => {
  let isAway = true
  await using proxy = await databaseProxy(world.database.applicationUrl, (): Fault | undefined =>
    isAway ? 'drop-before' : undefined,
  )
  await using behind = await instance(world, { WEBHOOK_SOURCES: sources, DATABASE_URL: proxy.url })
  const headers = hmac('persona-signature', '{}')
  expect(await post('persona', '{}', headers, behind.url)).toMatchObject({
    ...{ status: 503, error: 'DATABASE_UNAVAILABLE' },
  })
  isAway = false
  expect(await post('persona', '{}', headers, behind.url)).toEqual({ status: 200, stored: true })
})

test('many at a time are stored together, each once; of one id one is the first', async () => {
  const count = 150
  const deliveries = Array.from({ length: count }, (_, n) => {
    const body = JSON.stringify({ n: n % 100 })
    return post('mail', body, standard('svix', body, { id: `many-${n % 100}` }))
  })
  const answers = await Promise.all(deliveries)
  expect(answers.filter(({ stored }) => stored)).toHaveLength(100)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const stored = (await world.operator.inbox.list.query({ source: 'mail', limit: 100 })).items
  expect(stored.filter(({ eventId, conflicts }) => eventId.startsWith('many-') && conflicts === 0)).toHaveLength(100)
})

test('the inbox is for the platform: no app, and nobody of an app, reads of it', async () => {
  const asked = [world.client.inbox.list.query({}), world.client.inbox.get.query({ webhookId: randomUUID() })]
  for (const one of asked) expect(await one.catch(errorOf)).toMatchObject({ code: 'FORBIDDEN' })
})
