import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_BODY } from '../../server/app.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { keyHeaders } from './support/callers.ts'
import { type Answer, call, request } from './support/calls.ts'
import { instance } from './support/instance.ts'
import { withAdmin } from './support/rows.ts'

const [second, removed, others] = ['https://app.example.com', 'https://old.example.com', 'https://other.example.com']
const appOrigins = [PAGE, second, removed]

let world: World
let somebody: Person
beforeAll(async () => {
  world = await testWorld({ workers: false })
  const { operator, appId } = world
  await operator.apps.update.mutate({ appId, origins: appOrigins })
  await operator.apps.create.mutate({ name: 'another app', origins: [others], idempotencyKey: randomUUID() })
  somebody = await person(world)
})
afterAll(() => world[Symbol.asyncDispose]())

const me = { path: 'auth.me', type: 'query' } as const
const open = { path: 'wallets.open', type: 'mutation' } as const

/** The headers of an answer that speak of pages, but for `vary`. */
const pageHeaders = ({ headers }: Pick<Answer, 'headers'>): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

const varies = ({ headers }: Pick<Answer, 'headers'>): string[] =>
  (headers.get('vary') ?? '').split(',').map((name) => name.trim().toLowerCase())

/** What a browser asks before it sends a call of a page on another origin. */
const preflight = (origin: string, path = '/trpc/wallets.open') =>
  request(`${world.url}${path}`, undefined, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

const strangers: Record<string, string> = {
  'another site': 'https://attacker.test',
  'a sandboxed frame': 'null',
  'a name that begins alike': 'https://app.example.com.evil.test',
  'a name that ends alike': 'https://evilapp.example.com',
  'a subdomain': 'https://evil.app.example.com',
  'the parent': 'https://example.com',
  'a dot that is any character': 'https://app-example.com',
  'another scheme': 'http://app.example.com',
  'another port': 'https://app.example.com:8443',
  'the usual port, said': 'https://app.example.com:443',
  'a dot at the end': 'https://app.example.com.',
  'a path': 'https://app.example.com/',
  'capitals in the host': 'https://APP.example.com',
  'capitals in the scheme': 'HTTPS://app.example.com',
  'a user': 'https://app.example.com@evil.test',
  'a wildcard': 'https://*.example.com',
  'every origin': '*',
  'two origins': 'https://app.example.com, https://evil.test',
  'two origins with a space': 'https://app.example.com https://evil.test',
  'an origin, and more behind a tab': 'https://app.example.com\tx',
  'a percent sign': 'https://app.example.com%00.evil.test',
  'a quote': "https://app.example.com' or '1'='1",
}

describe('before a call', () => {
  test.each([...appOrigins, others])('a page of an app hears that it may call: %s', async (origin) => {
    const answer = await preflight(origin)
    expect(answer.status).toBe(204)
    expect(pageHeaders(answer)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type,trpc-accept,x-request-id,x-trpc-source',
      'access-control-expose-headers': 'retry-after,x-request-id',
      'access-control-max-age': '7200',
    })
    expect(varies(answer)).toContain('origin')
  })

  test.each(Object.keys(strangers))('no other page hears anything: %s', async (stranger) => {
    const answer = await preflight(strangers[stranger]!)
    expect(pageHeaders(answer)).toEqual({})
    expect(varies(answer)).toContain('origin')
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })

  test('nor does whoever names no origin', async () => {
    const answer = await request(`${world.url}/trpc/wallets.open`, undefined, { method: 'OPTIONS' })
    expect(pageHeaders(answer)).toEqual({})
    expect(varies(answer)).toContain('origin')
  })
})

describe('the answer to a call', () => {
  const readable = (origin: string) => ({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'retry-after,x-request-id',
  })

  function expectReadable(answer: Answer, status: number) {
    expect(answer.status, answer.text).toBe(status)
    expect(pageHeaders(answer)).toEqual(readable(second))
    expect(varies(answer)).toContain('origin')
    expect(answer.headers.get('x-request-id')).not.toBeNull()
  }
  const page = { origin: second }

  test("can be read by the app's page", async () => {
    expectReadable(await call(world.url, me, undefined, { ...somebody.headers, ...page }), 200)
    expectReadable(await call(world.url, open, undefined, { ...somebody.headers, ...page }), 200)
  })

  test('cannot be read by any other page, and is kept for none', async () => {
    for (const origin of Object.values(strangers)) {
      const answer = await call(world.url, me, undefined, { ...somebody.headers, origin })
      expect(answer.status, origin).toBe(403)
      expect(pageHeaders(answer), origin).toEqual({})
      expect(varies(answer)).toContain('origin')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('varies by its page, and is kept by nobody, also without a page', async () => {
    for (const headers of [{}, page, keyHeaders(world.apiKey)]) {
      const answer = await call(world.url, me, undefined, headers)
      expect(varies(answer)).toEqual(['origin', 'trpc-accept', 'accept'])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('can be read if it is a refusal: 400, 401, 403, 404, 413, 415', async () => {
    const headers = { ...somebody.headers, ...page }
    const wallet = { path: 'wallets.get', type: 'query' } as const
    expectReadable(await call(world.url, wallet, { walletId: 'x' }, headers), 400)
    expectReadable(await call(world.url, me, undefined, page), 401)
    expectReadable(await call(world.url, me, undefined, { ...page, ...keyHeaders('psk_no') }), 401)
    expectReadable(await call(world.url, { path: 'wallets.create', type: 'mutation' }, { owner: 'o' }, headers), 403)
    expectReadable(await call(world.url, wallet, { walletId: randomUUID() }, headers), 404)
    expectReadable(await call(world.url, { path: 'no.such', type: 'query' }, undefined, headers), 404)
    expectReadable(await request(`${world.url}/trpc/%E0%A4%A`, undefined, { method: 'GET', headers }), 400)
    const large = JSON.stringify({ json: { everywhere: 'x'.repeat(MAX_BODY) } })
    expectReadable(await request(`${world.url}/trpc/auth.signOut`, large, { headers }), 413)
    const plain = { ...headers, 'content-type': 'text/plain' }
    expectReadable(await request(`${world.url}/trpc/auth.signOut`, '{}', { headers: plain }), 415)
  })

  test('can be read if it is one call too many: 429, with the time to wait', async () => {
    await using limited = await instance(world, { RATE_LIMITS: 'on' })
    const input = { appId: world.appId, address: somebody.account.address, chainId: world.chain.chainId }
    const ask = () => call(limited.url, { path: 'auth.challenge', type: 'mutation' }, input, page)
    let answer = await ask()
    for (let asked = 1; answer.status === 200 && asked < 100; asked++) answer = await ask()
    expectReadable(answer, 429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  })

  test('can be read if it is a defect of ours: 500', async () => {
    const rename = (from: string, to: string) =>
      withAdmin(world.database.adminUrl, (admin) => admin.query(`alter table ${from} rename to ${to}`))
    await rename('asset', 'asset_away')
    try {
      const list = { path: 'assets.list', type: 'query' } as const
      expectReadable(await call(world.url, list, {}, { ...somebody.headers, ...page }), 500)
    } finally {
      await rename('asset_away', 'asset')
    }
  })
})

test("another app's page, with a session or a token of this app, is refused in words that it can read", async () => {
  const token = await somebody.token('account:read')
  const { cookie } = somebody.headers
  for (const headers of [{ cookie }, keyHeaders(token)]) {
    const answer = await call(world.url, me, undefined, { ...headers, origin: others })
    expect(answer.error?.data.code).toBe('ORIGIN_NOT_ALLOWED')
    expect(answer.data).toBeNull()
    expect(pageHeaders(answer)).toMatchObject({ 'access-control-allow-origin': others })
  }
})

test('a page that is taken off its app can do nothing from then on', async () => {
  const token = await somebody.token('account:read', 'payments:write')
  const ways = [{ cookie: somebody.headers.cookie }, keyHeaders(token)]
  for (const headers of ways)
    expect((await call(world.url, me, undefined, { ...headers, origin: removed })).status).toBe(200)

  await world.operator.apps.update.mutate({ appId: world.appId, origins: [PAGE, second] })

  expect(pageHeaders(await preflight(removed))).toEqual({})
  for (const headers of ways)
    for (const procedure of [me, open]) {
      const answer = await call(world.url, procedure, undefined, { ...headers, origin: removed })
      expect(answer.error?.data.code).toBe('ORIGIN_NOT_ALLOWED')
      expect(pageHeaders(answer)).toEqual({})
      expect((await call(world.url, me, undefined, { ...headers, origin: second })).status).toBe(200)
    }
  const { account } = somebody
  const challenge = { appId: world.appId, address: account.address, chainId: world.chain.chainId }
  const again = await call(world.url, { path: 'auth.challenge', type: 'mutation' }, challenge, { origin: removed })
  expect(again.error?.data.code).toBe('ORIGIN_NOT_ALLOWED')
})

describe('other routes', () => {
  const route = (path: string, origin: string, method = 'GET') =>
    request(`${world.url}${path}`, undefined, { method, headers: { origin } })

  test('the keys of tokens can be read by every page, without its cookie', async () => {
    for (const origin of [PAGE, 'https://attacker.test', 'null']) {
      const answer = await route('/.well-known/jwks.json', origin)
      expect(answer.status).toBe(200)
      expect(pageHeaders(answer)).toEqual({ 'access-control-allow-origin': '*' })
    }
  })

  test('nothing else can be read by a page', async () => {
    const paths = ['/', '/health/live', '/health/ready', '/metrics', '/webhooks/crossmint', '/nowhere']
    for (const path of paths)
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect(pageHeaders(await route(path, PAGE, method)), `${method} ${path}`).toEqual({})
  })
})

describe('the headers of every answer', () => {
  const always = {
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  }

  test.each([
    ['GET', '/health/live'],
    ['GET', '/health/ready'],
    ['GET', '/metrics'],
    ['GET', '/.well-known/jwks.json'],
    ['POST', '/webhooks/crossmint'],
    ['GET', '/trpc/auth.me'],
    ['POST', '/trpc/auth.signOut'],
    ['HEAD', '/trpc/auth.me'],
    ['OPTIONS', '/trpc/auth.me'],
    ['GET', '/trpc/no.such'],
    ['GET', '/trpc/%E0%A4%A'],
    ['GET', '/trpc'],
    ['GET', '/nowhere'],
    ['GET', '/%E0%A4%A'],
    ['DELETE', '/nowhere'],
  ])('%s %s', async (method, path) => {
    const id = randomUUID()
    const sent = { origin: PAGE, 'x-request-id': id }
    const { headers } = await request(`${world.url}${path}`, undefined, { method, headers: sent })
    expect(Object.fromEntries(headers)).toMatchObject({ ...always, 'x-request-id': id })
    for (const name of ['x-powered-by', 'server', 'etag']) expect(headers.get(name), name).toBeNull()
  })
})
