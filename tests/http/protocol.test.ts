import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorCodes } from '../../server/contract/errors.ts'
import { testWorld, type World } from '../support/world.ts'
import { type Answer, request, send } from './support/calls.ts'
import { rowCounts } from './support/rows.ts'

let world: World
let before: Record<string, number>
beforeAll(async () => {
  world = await testWorld({ workers: false })
  before = await rowCounts(world.database)
})
afterAll(async () => {
  expect(await rowCounts(world.database)).toEqual(before)
  await world[Symbol.asyncDispose]()
})

const create = { path: 'wallets.create', type: 'mutation' } as const
const list = { path: 'wallets.list', type: 'query' } as const

function expectError(answer: Answer, code: keyof typeof errorCodes) {
  expect(answer.error?.data, answer.text).toMatchObject({
    code,
    httpStatus: errorCodes[code].status,
    retryable: errorCodes[code].retryable,
  })
  expect(answer.status).toBe(errorCodes[code].status)
  expect(answer.error?.message).toMatch(/\w+ \w+ \w+/)
  expect(answer.error?.data.requestId).toBe(answer.headers.get('x-request-id'))
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/)
}

describe('a payload that is not what the SDK sends', () => {
  const value = { owner: 'customer-1' }
  const annotated = (values: unknown, json: unknown = value) => JSON.stringify({ json, meta: { values } })
  const payloads: Record<string, string> = {
    'no JSON': 'owner=customer-1',
    'half JSON': '{"json":{"owner":',
    nothing: '',
    null: 'null',
    'a string': '"customer-1"',
    'a number': '12',
    'an array': '[]',
    'no superjson': JSON.stringify(value),
    'a poisoned prototype': '{"json":{"__proto__":{"owner":"customer-1"}}}',
    'an annotation on __proto__': annotated({ '__proto__.polluted': ['bigint'] }),
    'an annotation on constructor.prototype': annotated({ 'constructor.prototype.polluted': ['bigint'] }),
    'an annotation on a path that is not there': annotated({ 'a.b.c.d': ['Date'] }, {}),
    'an annotation on null': annotated({ 'owner.x.y': ['Date'] }, null),
    'an unknown type': annotated({ owner: ['function'] }),
    'an unknown class': annotated({ owner: [['class', 'Wallet']] }),
    'an unknown custom type': annotated({ owner: [['custom', 'x']] }),
    'an unknown symbol': annotated({ owner: [['symbol', 'x']] }),
    'a typed array of no class': annotated({ owner: [['typed-array', 'Object']] }),
    'a broken regexp': annotated({ owner: ['regexp'] }, { owner: '/(/' }),
    'a string as Set': annotated({ owner: ['set'] }),
    'a Map of nothing': annotated({ owner: ['map'] }, { owner: [1, 2] }),
    'a bigint of words': annotated({ owner: ['bigint'] }),
    'annotations that are no object': '{"json":{},"meta":7}',
    'annotations nested without end': `{"json":{"owner":"x"},"meta":{"values":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
    'the same object everywhere': JSON.stringify({
      json: value,
      meta: { referentialEqualities: { owner: ['__proto__.x', 'constructor.prototype'] } },
    }),
    'an object within itself': JSON.stringify({ json: { owner: {} }, meta: { referentialEqualities: [['owner']] } }),
  }

  test.each(Object.keys(payloads))('%s', async (name) => {
    expectError(await send(world.url, create, payloads[name]!, { apiKey: world.apiKey }), 'INVALID_INPUT')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('in a query', async () => {
    expectError(await send(world.url, list, '{"json":', { apiKey: world.apiKey }), 'INVALID_INPUT')
    expectError(await send(world.url, list, '[]', { apiKey: world.apiKey }), 'INVALID_INPUT')
  })

  test('says how to do better, and names no field where there is none', async () => {
    const { error } = await send(world.url, create, 'owner=customer-1', { apiKey: world.apiKey })
    expect(error?.message).toContain('JSON')
    expect(error?.data.issues).toBeNull()
  })

  test('a good call beside it in the process is not touched', async () => {
    const answers = await Promise.all([
      send(world.url, create, payloads['an annotation on __proto__']!, { apiKey: world.apiKey }),
      send(world.url, { path: 'apps.mine', type: 'query' }, '', { apiKey: world.apiKey }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 200])
  })
})

describe('limits', () => {
  const batch = (size: number) =>
    request(
      `${world.url}/trpc/${Array(size).fill('apps.mine').join(',')}?batch=1&input=${encodeURIComponent('{}')}`,
      undefined,
      { apiKey: world.apiKey, method: 'GET' },
    )

  test('a batch of 20 is answered, one of 21 is refused', async () => {
    const twenty = await batch(20)
    expect(twenty.status).toBe(200)
    expect(JSON.parse(twenty.text)).toHaveLength(20)
    expectError(await batch(21), 'INVALID_INPUT')
  })

  test('a batch of queries and mutations is refused', async () => {
    const answer = await request(`${world.url}/trpc/apps.mine,wallets.create?batch=1`, '{}', { apiKey: world.apiKey })
    expectError(answer, 'INVALID_INPUT')
  })

  test('a body over 64 kB is refused, however it is sent', async () => {
    const body = (size: number) => JSON.stringify({ json: { owner: 'x'.repeat(size) } })
    expectError(await send(world.url, create, body(63_000), { apiKey: world.apiKey }), 'INVALID_INPUT')
    expectError(await send(world.url, create, body(66_000), { apiKey: world.apiKey }), 'TOO_LARGE')

    const chunked = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 10; sent++) controller.enqueue(new TextEncoder().encode('x'.repeat(10_000)))
        controller.close()
      },
    })
    const answer = await fetch(`${world.url}/trpc/wallets.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${world.apiKey}` },
      body: chunked,
      duplex: 'half',
    } as RequestInit)
    expect(answer.status).toBe(413)
  })

  test('a URL or headers over 16 kB are refused before they are read', async () => {
    const long = await send(world.url, list, JSON.stringify({ json: { owner: 'x'.repeat(20_000) } }), {
      apiKey: world.apiKey,
    })
    expect(long.status).toBe(431)
  })

  test('nesting without end does not stop the service', async () => {
    const depth = 30_000
    const answer = await send(world.url, create, `{"json":${'['.repeat(depth)}${']'.repeat(depth)}}`, {
      apiKey: world.apiKey,
    })
    expectError(answer, 'INVALID_INPUT')
  })
})

describe('the wrong request', () => {
  test('a mutation by GET, a query by POST', async () => {
    const input = encodeURIComponent(JSON.stringify({ json: { owner: 'customer-1' } }))
    const asGet = await request(`${world.url}/trpc/wallets.create?input=${input}`, undefined, {
      apiKey: world.apiKey,
      method: 'GET',
    })
    expectError(asGet, 'NO_SUCH_PROCEDURE')
    expect(asGet.headers.get('allow')).toBe('POST')
    const asPost = await request(`${world.url}/trpc/apps.mine`, '{"json":null}', { apiKey: world.apiKey })
    expectError(asPost, 'NO_SUCH_PROCEDURE')
    expect(asPost.headers.get('allow')).toBe('GET')
  })

  test.each(['PUT', 'DELETE', 'PATCH'])('the method %s', async (method) => {
    const answer = await request(`${world.url}/trpc/wallets.create`, '{"json":{"owner":"customer-1"}}', {
      apiKey: world.apiKey,
      method,
    })
    expectError(answer, 'NO_SUCH_PROCEDURE')
  })

  test.each([
    'wallets.destroy',
    'wallets',
    '__proto__',
    'constructor',
    'wallets.create.__proto__',
    'wallets.__proto__.create',
    'toString',
    '%00',
    '..%2f..%2fetc%2fpasswd',
    'x'.repeat(3_000),
  ])('the procedure %j', async (path) => {
    expectError(
      await send(world.url, { path, type: 'mutation' }, '{"json":{}}', { apiKey: world.apiKey }),
      'NO_SUCH_PROCEDURE',
    )
  })

  test('a path that cannot be decoded', async () => {
    const answer = await request(`${world.url}/trpc/%E0%A4%A`, undefined, { method: 'GET' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
  ])('the content type %s', async (type) => {
    const answer = await request(`${world.url}/trpc/wallets.create`, '{"json":{"owner":"customer-1"}}', {
      apiKey: world.apiKey,
      headers: { 'content-type': type },
    })
    expectError(answer, 'UNSUPPORTED_MEDIA_TYPE')
  })

  test('a host that is none, and no HTTP at all', async () => {
    const speak = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
        let heard = ''
        socket.on('data', (chunk) => {
          heard += chunk
        })
        socket.on('close', () => resolve(heard))
        socket.on('error', reject)
        socket.end(text)
      })
    const wrongHost = await speak('GET /trpc/apps.mine HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n')
    expect(wrongHost).toMatch(/^HTTP\/1\.1 401 /) // whose key is missing; what host was meant changes nothing
    expect(await speak('\x16\x03\x01 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect((await fetch(`${world.url}/health/live`)).status).toBe(200)
  })
})

test("the id of a request is the caller's own if it is a plain one", async () => {
  const named = async (id: string) =>
    (await fetch(`${world.url}/trpc/apps.mine`, { headers: { 'x-request-id': id } })).headers.get('x-request-id')
  const own = randomUUID()
  expect(await named(own)).toBe(own)
  for (const bad of ['short', 'x'.repeat(65), 'with space in it', '<script>alert(1)</script>'])
    expect(await named(bad)).toMatch(/^[0-9a-f-]{36}$/)
})
