import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient, errorOf, events, type ServiceEvent, signIn, signOut } from '../../client-sdk/index.ts'
import { serverClient, serviceProxy, webhookRoute } from '../../client-sdk/next/index.ts'
import { browserOn } from '../../sandbox/browser.ts'
import { MAX_BODY } from '../../server/app.ts'
import { eventually } from '../support/eventually.ts'
import { PAGE, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { type WebServer, webServer } from './support/web-server.ts'

let world: World
let app: WebServer
beforeAll(async () => {
  world = await testWorld()
  app = await webServer(serviceProxy({ url: `${world.url}/` }))
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error) => errorOf(error).code,
  )

/** Somebody's browser on a page of the app, which reaches the service through the app's own origin. */
function visitor(origin = PAGE) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = createClient({ url: `${app.url}/api/provider`, fetch: browserOn(origin) })
  const signer = {
    address: account.address,
    chainId: world.chain.chainId,
    signMessage: (message: string) => account.signMessage({ message }),
  }
  return { client, account, signIn: () => signIn(client, { appId: world.appId, signer }) }
}

/** A service that answers what it is told to, and remembers what it was asked. */
async function double(status: number, answer: Record<string, string | string[]>) {
  const asked: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    response.writeHead(status, answer).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('serviceProxy', () => {
  test('somebody signs in and out through it, with a cookie of the app', async () => {
    const { client, account, signIn } = visitor()
    expect(await codeOf(client.auth.me.query())).toBe('UNAUTHENTICATED')
    const { user } = await signIn()
    expect(user.address).toBe(account.address)
    expect(await client.auth.me.query()).toMatchObject({ kind: 'user', user: { id: user.id } })
    expect(await signOut(client)).toEqual({ ended: 1 })
    expect(await codeOf(client.auth.me.query())).toBe('UNAUTHENTICATED')
  })

  test('a page that is not one of the app is refused as it is without it', async () => {
    expect(await codeOf(visitor('https://elsewhere.example.com').signIn())).toBe('ORIGIN_NOT_ALLOWED')
  })

  test('a read that another site starts is refused, and one of the page itself is answered', async () => {
    const { headers } = await person(world)
    const read = (site: string) =>
      fetch(`${app.url}/api/provider/trpc/auth.me`, { headers: { cookie: headers.cookie, 'sec-fetch-site': site } })
    expect((await read('cross-site')).status).toBe(403)
    expect((await read('same-origin')).status).toBe(200)
  })

  test('calls made together stay together, and amounts and times arrive as such', async () => {
    const { client, signIn } = visitor()
    await signIn()
    const { id } = await world.paywall({ price: 12_345_678_901_234_567_890n })
    const [one, list] = await Promise.all([
      client.paywalls.get.query({ paywallId: id }),
      client.paywalls.list.query({ limit: 1 }),
    ])
    expect(one).toMatchObject({ price: 12_345_678_901_234_567_890n, createdAt: expect.any(Date) })
    expect(list.items).toEqual([one])
  })

  test('events stream through as they come, and the stream of somebody who leaves ends in the service', async () => {
    const openCount = async () => (await world.built.services.metrics.openStreams.get()).values[0]?.value ?? 0
    const { client, signIn } = visitor()
    const { user } = await signIn()
    const leaving = new AbortController()
    const seen: ServiceEvent[] = []
    const following = (async () => {
      for await (const event of events(client, { signal: leaving.signal, patience: 60_000 })) seen.push(event)
    })()
    following.catch(() => {}) // it ends by its signal
    await eventually(async () => expect(await openCount()).toBe(1))
    const wallet = await client.wallets.open.mutate()
    // the wallet that was signed in with may be told of before
    await eventually(() => expect(seen.at(-1)).toMatchObject({ type: 'wallet.created', objectId: wallet.id }))
    expect(await openCount()).toBe(1)
    expect(user.id).toBe(wallet.userId)
    leaving.abort()
    await expect(following).rejects.toThrow()
    await eventually(async () => expect(await openCount()).toBe(0))
  })

  test('passes on what the service decides by, and nothing else', async () => {
    await using service = await double(200, {
      'content-type': 'application/json',
      'set-cookie': ['provider-session=new; Path=/; HttpOnly', 'tracking=1; Path=/'],
      'retry-after': '3',
      'x-internal': 'secret',
      'access-control-allow-origin': 'https://elsewhere.example.com',
    })
    await using door = await webServer(serviceProxy({ url: service.url }))
    const answer = await fetch(`${door.url}/base/api/provider/trpc/auth.me,payments.list?batch=1&input=%7B%7D`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: 'tracking=1; provider-session=old; __Host-provider-session=safe; provider-session-2=no',
        origin: PAGE,
        'x-forwarded-for': '198.51.100.7, 203.0.113.9',
        'x-request-id': 'mine',
        authorization: 'Basic dXNlcjpwYXNzd29yZA==',
        'x-internal': 'secret',
        'last-event-id': '7',
      },
      body: '{"0":1}',
    })
    expect(service.asked).toHaveLength(1)
    const { method, url, headers, body } = service.asked[0]!
    expect({ method, url, body }).toEqual({
      method: 'POST',
      url: '/trpc/auth.me,payments.list?batch=1&input=%7B%7D',
      body: '{"0":1}',
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      cookie: 'provider-session=old; __Host-provider-session=safe',
      origin: PAGE,
      'x-forwarded-for': '198.51.100.7, 203.0.113.9',
      'x-request-id': 'mine',
      'last-event-id': '7',
    })
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('x-internal')
    expect(answer.headers.getSetCookie()).toEqual(['provider-session=new; Path=/; HttpOnly'])
    expect(answer.headers.get('retry-after')).toBe('3')
    expect(answer.headers.has('x-internal')).toBe(false)
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
  })

  test('a bearer token is passed on', async () => {
    await using service = await double(200, {})
    await using door = await webServer(serviceProxy({ url: service.url }))
    await fetch(`${door.url}/trpc/auth.me`, { headers: { authorization: 'Bearer ey' } })
    expect(service.asked[0]!.headers.authorization).toBe('Bearer ey')
  })

  test.for([
    '/api/provider',
    '/api/provider/metrics',
    '/api/provider/health/ready',
    '/api/provider/webhooks/crossmint',
    '/api/provider/trpc/',
    '/api/provider/trpc/../metrics',
    '/api/provider/trpc/..%2Fmetrics',
    '/api/provider/trpc/%2e%2e/metrics',
    '/api/provider/trpc/auth.me/..%2f..%2fmetrics',
    '/api/provider/trpc/auth.me%3f',
    '/api/provider/trpc//elsewhere.example.com',
    '/api/provider/trpc/@elsewhere.example.com',
  ])('%s is not there', async (path) => {
    await using service = await double(200, {})
    const { GET, POST } = serviceProxy({ url: service.url })
    for (const handler of [GET, POST]) expect((await handler(new Request(`http://app.test${path}`))).status).toBe(404)
    expect(service.asked).toEqual([])
  })

  test.for([301, 302, 307, 308])('a redirection (%s) is not followed, and none of the page', async (status) => {
    await using elsewhere = await double(200, {})
    await using service = await double(status, { location: elsewhere.url })
    const { GET } = serviceProxy({ url: service.url })
    const answer = await GET(new Request('http://app.test/trpc/auth.me', { headers: { cookie: 'provider-session=1' } }))
    expect(answer.status).toBe(502)
    expect(answer.headers.has('location')).toBe(false)
    expect(elsewhere.asked).toEqual([])
  })

  test('a service that does not answer is 502, which the client takes for unreachable', async () => {
    const gone = await double(200, {})
    await gone[Symbol.asyncDispose]()
    await using door = await webServer(serviceProxy({ url: gone.url }))
    expect((await fetch(`${door.url}/trpc/auth.me`)).status).toBe(502)
    expect(await codeOf(createClient({ url: door.url }).auth.me.query())).toBe('UNREACHABLE')
  })

  test('a body that is too large is refused by the service', async () => {
    const answer = await fetch(`${app.url}/trpc/auth.verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: PAGE },
      body: JSON.stringify({ json: { nonce: 'x'.repeat(MAX_BODY) } }),
    })
    expect(answer.status).toBe(413)
    expect(await answer.text()).toContain('TOO_LARGE')
  })
})

describe('serverClient', () => {
  test('calls in the name of whoever sent the request, and of nobody without their cookie', async () => {
    const { headers, userId } = await person(world)
    const page = new Headers({ cookie: `theme=dark; ${headers.cookie}; other=1`, 'sec-fetch-site': 'cross-site' })
    expect(await serverClient({ url: world.url, headers: page }).auth.me.query()).toMatchObject({
      user: { id: userId },
    })
    expect(await codeOf(serverClient({ url: world.url, headers: new Headers() }).auth.me.query())).toBe(
      'UNAUTHENTICATED',
    )
  })

  test('changes things for a page of the app alone', async () => {
    const { headers, userId } = await person(world)
    const open = (more: Record<string, string>) =>
      serverClient({ url: world.url, headers: new Headers({ cookie: headers.cookie, ...more }) }).wallets.open.mutate()
    expect(await codeOf(open({}))).toBe('ORIGIN_NOT_ALLOWED')
    expect(await codeOf(open({ origin: 'https://elsewhere.example.com' }))).toBe('ORIGIN_NOT_ALLOWED')
    expect(await open({ origin: PAGE })).toMatchObject({ userId })
  })

  test('tells the service who asks, and no other secret of the app', async () => {
    await using service = await double(200, { 'content-type': 'application/json' })
    const headers = new Headers({
      cookie: 'theme=dark; provider-session=1',
      authorization: 'Basic dXNlcjpwYXNzd29yZA==',
      'x-forwarded-for': '198.51.100.7',
      'x-request-id': 'mine',
    })
    await codeOf(serverClient({ url: service.url, headers }).auth.me.query())
    expect(service.asked[0]!.headers).toMatchObject({
      cookie: 'provider-session=1',
      'x-forwarded-for': '198.51.100.7',
      'x-request-id': 'mine',
    })
    expect(service.asked[0]!.headers).not.toHaveProperty('authorization')
  })
})

describe('webhookRoute', () => {
  test('is told of what the service delivers, again when it could not deal with it', async () => {
    using said = vi.spyOn(console, 'error').mockReturnValue()
    const told: ServiceEvent[] = []
    let secret = ''
    await using receiver = await webServer({
      POST: (request) =>
        webhookRoute({
          secrets: secret,
          onEvent(event) {
            told.push(event)
            if (told.length === 1) throw new Error('the database is away')
          },
        })(request),
    })
    const endpoint = await world.client.endpoints.create.mutate({
      url: `${receiver.url}/api/webhooks`,
      types: ['paywall.*'],
      idempotencyKey: randomUUID(),
    })
    secret = endpoint.secret!
    const { id } = await world.paywall()
    await eventually(() => expect(told.length).toBeGreaterThanOrEqual(2))
    expect(told[0]).toMatchObject({ type: 'paywall.created', objectId: id, createdAt: expect.any(Date) })
    expect(told[1]).toEqual(told[0])
    expect(said).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining(told[0]!.id),
      new Error('the database is away'),
    )
    await eventually(async () => {
      const { items } = await world.client.deliveries.list.query({ endpointId: endpoint.id })
      expect(items.map(({ state }) => state)).toEqual(['delivered'])
    })
    await world.client.endpoints.delete.mutate({ endpointId: endpoint.id })
  })

  test('what the service did not sign is 400, and nobody is told of it', async () => {
    const told: ServiceEvent[] = []
    const post = webhookRoute({ secrets: `whsec_${'A'.repeat(32)}`, onEvent: (event) => told.push(event) })
    const asked = (init: RequestInit) => post(new Request('http://app.test/', { method: 'POST', ...init }))
    expect((await asked({ body: '{}' })).status).toBe(400)
    expect((await asked({})).status).toBe(400)
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' }
    expect((await asked({ body: '{}', headers })).status).toBe(400)
    expect((await asked({ body: 'x'.repeat(1024 * 1024 + 1) })).status).toBe(413)
    expect(told).toEqual([])
  })
})
