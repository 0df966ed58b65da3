import { randomUUID } from 'node:crypto'
import superjson from 'superjson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Token } from '../../server/contract/entities.ts'
import type { ErrorShape } from '../../server/contract/errors.ts'
import { keyHeaders } from '../http/support/callers.ts'
import { type Answer, call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { PAGE, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { askForChallenge, dataOf, expectRefusal, somebody } from './support/ceremony.ts'

let world: World
/** Behind one proxy. */
let service: Instance
let other: Instance
/** Behind none. */
let exposed: Instance

beforeAll(async () => {
  world = await testWorld({ workers: false })
  const limited = (proxies: string) => instance(world, { RATE_LIMITS: 'on', TRUSTED_PROXIES: proxies })
  ;[service, other, exposed] = await Promise.all([limited('1'), limited('1'), limited('0')])
})
afterAll(async () => {
  await Promise.all([service, other, exposed].map((each) => each[Symbol.asyncDispose]()))
  await world[Symbol.asyncDispose]()
})

/** What one network may do in a minute of signing in, as it says in the limits. */
const SIGN_INS = 30
const WRITES = 300
const PAYMENTS = 120

const challenge = ({ url }: Instance, forwarded: string) =>
  askForChallenge(
    url,
    { appId: world.appId, address: somebody().address },
    { origin: PAGE, 'x-forwarded-for': forwarded },
  )

const statuses = (answers: Answer[]) => answers.map(({ status }) => status)

/** Puts calls into the common count, in a window that ends in so many seconds. */
const countedBefore = (key: string, points: number, seconds: number) =>
  withAdmin(world.database.adminUrl, (admin) =>
    admin.query('insert into rate_limit (key, points, expire) values ($1, $2, $3)', [
      key,
      points,
      Date.now() + seconds * 1000,
    ]),
  )

/** Expects to be told to wait, and how long, in the header as in the error. */
function expectTooMany(answer: Answer): number {
  expectRefusal(answer, 'RATE_LIMITED')
  const seconds = Number(answer.headers.get('retry-after'))
  expect(answer.error?.data.details).toEqual({ retryAfterSeconds: seconds })
  expect(answer.error?.message).toContain(`${seconds} second`)
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(60)
  return seconds
}

/** Makes calls in one request, and reads the answer of each. */
async function batch(url: string, headers: Record<string, string>, calls: { path: string; input: unknown }[]) {
  const body = Object.fromEntries(calls.map(({ input }, n) => [n, superjson.serialize(input)]))
  const response = await fetch(`${url}/trpc/${calls.map(({ path }) => path).join(',')}?batch=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const answers = (await response.json()) as { error?: unknown }[]
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    errors: answers.map(({ error }) => (error ? superjson.deserialize<ErrorShape>(error as never).data : null)),
  }
}

test('a network that signs in too often waits; another does not, nor does it elsewhere', async () => {
  const [mine, yours] = ['192.0.2.1', '192.0.2.2']
  for (let n = 0; n < SIGN_INS; n++) expect((await challenge([service, other][n % 2]!, mine)).status).toBe(200)
  for (const each of [service, other]) expectTooMany(await challenge(each, mine))
  expect((await challenge(service, yours)).status).toBe(200)
})

test('what is refused does nothing', async () => {
  const mine = '192.0.2.3'
  await Promise.all(Array.from({ length: SIGN_INS }, () => challenge(service, mine)))
  const count = () =>
    withAdmin(world.database.adminUrl, async (admin) => (await admin.query('select 1 from challenge')).rowCount)
  const before = await count()
  expectTooMany(await challenge(service, mine))
  expect(await count()).toBe(before)
})

test('challenges and their answers are counted as one', async () => {
  const headers = { origin: PAGE, 'x-forwarded-for': '192.0.2.4' }
  await Promise.all(Array.from({ length: SIGN_INS - 1 }, () => challenge(service, '192.0.2.4')))
  const verify = () =>
    call(service.url, { path: 'auth.verify', type: 'mutation' }, { nonce: 'a'.repeat(32), signature: '0x00' }, headers)
  expectRefusal(await verify(), 'SIGN_IN_FAILED')
  expectTooMany(await verify())
})

describe('of addresses that proxies tell', () => {
  test('the last is believed behind one proxy, whatever the caller writes before it', async () => {
    const mine = '192.0.2.5'
    const answers: Answer[] = []
    for (let n = 0; n <= SIGN_INS; n++) answers.push(await challenge(service, `10.0.0.${n}, ${mine}`))
    expect(statuses(answers)).toEqual([...Array.from({ length: SIGN_INS }, () => 200), 429])
    expectTooMany(await challenge(service, mine))
    expect((await challenge(service, `${mine}, 192.0.2.6`)).status).toBe(200)
  })

  test('a /64 of IPv6 is one network', async () => {
    for (let n = 0; n < SIGN_INS; n++) await challenge(service, `2001:db8:0:1::${n.toString(16)}`)
    expectTooMany(await challenge(service, '2001:db8:0:1:ffff:ffff:ffff:ffff'))
    expect((await challenge(service, '2001:db8:0:2::1')).status).toBe(200)
  })

  test('what is no address is one and the same stranger', async () => {
    for (let n = 0; n < SIGN_INS; n++) await challenge(service, `garbage-${n}`)
    expectTooMany(await challenge(service, 'other garbage'))
  })

  test('none is believed behind no proxy', async () => {
    const answers: Answer[] = []
    for (let n = 0; n <= SIGN_INS; n++) answers.push(await challenge(exposed, `198.51.100.${n}`))
    expect(statuses(answers)).toEqual([...Array.from({ length: SIGN_INS }, () => 200), 429])
    const forwarded = { origin: PAGE, forwarded: 'for=198.51.100.99', 'x-real-ip': '198.51.100.99' }
    const address = somebody().address
    expectTooMany(await askForChallenge(exposed.url, { appId: world.appId, address }, forwarded))
  })
})

describe('people who are signed in', () => {
  const behind = (forwarded: string, { headers }: { headers: Record<string, string> }) => ({
    ...headers,
    'x-forwarded-for': forwarded,
  })
  const challengeInput = () => ({ address: somebody().address, chainId: world.chain.chainId })
  const proving = (headers: Record<string, string>) =>
    call(service.url, { path: 'wallets.challenge', type: 'mutation' }, challengeInput(), headers)

  test('are counted by who they are, not by where they come from', async () => {
    const [ada, grace] = [await person(world), await person(world)]
    for (let n = 0; n < SIGN_INS; n++) expect((await proving(behind(`203.0.113.${n}`, ada))).status).toBe(200)
    expectTooMany(await proving(behind('203.0.113.99', ada)))
    expect((await proving(behind('203.0.113.1', grace))).status).toBe(200)
    expect((await challenge(service, '203.0.113.99')).status).toBe(200)
  })

  test('with several sessions and tokens are one', async () => {
    const ada = await person(world)
    const again = await person(world, { account: ada.account })
    const read = (headers: Record<string, string>) =>
      call(service.url, { path: 'auth.sessions', type: 'query' }, {}, headers)
    const minted = await call(
      service.url,
      { path: 'auth.token', type: 'mutation' },
      { scopes: ['account:read'] },
      ada.headers,
    )
    const { token } = dataOf<Token>(minted)
    const key = `user:${ada.userId}`
    const counters = service.built.services.rateLimits
    for (let n = 0; n < 1_198; n++) await counters.consume('read', key)
    expect((await read(ada.headers)).status).toBe(200)
    expect((await read(keyHeaders(token))).status).toBe(200)
    expectTooMany(await read(again.headers))
  })

  test('of a batch are counted call by call', async () => {
    const ada = await person(world)
    const prove = { path: 'wallets.challenge', input: challengeInput() }
    const calls = Array.from({ length: 20 }, () => prove)
    const first = await batch(service.url, ada.headers, calls)
    expect({ status: first.status, retryAfter: first.retryAfter }).toEqual({ status: 200, retryAfter: null })
    const second = await batch(service.url, ada.headers, calls)
    expect(second.errors.filter((error) => error?.code === 'RATE_LIMITED')).toHaveLength(2 * 20 - SIGN_INS)
  })

  // what is counted in the database is known last, whether its window ends first or last
  test.each([10, 300])('of a batch are told the longest wait, beside a window that ends in %i s', async (seconds) => {
    const ada = await person(world)
    const counters = service.built.services.rateLimits
    for (let n = 0; n < WRITES; n++) await counters.consume('write', `user:${ada.userId}`)
    await countedBefore(`signIn:user:${ada.userId}`, SIGN_INS, seconds)
    const write = { path: 'auth.token', input: { scopes: ['account:read'] } }
    const prove = { path: 'wallets.challenge', input: challengeInput() }
    for (const calls of [
      [write, prove],
      [prove, write],
    ]) {
      const { status, retryAfter, errors } = await batch(service.url, ada.headers, calls)
      expect(status).toBe(429)
      expect(errors.map((error) => error?.code)).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
      const waits = errors.map((error) => Number(error?.details?.retryAfterSeconds))
      expect(Number(retryAfter)).toBe(Math.max(...waits))
      expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(20)
    }
  })

  test('of a batch, what is not too often is done', async () => {
    const ada = await person(world)
    for (let n = 0; n < SIGN_INS; n++) await proving(ada.headers)
    const write = { path: 'auth.token', input: { scopes: ['account:read'] } }
    const prove = { path: 'wallets.challenge', input: challengeInput() }
    const { status, retryAfter, errors } = await batch(service.url, ada.headers, [write, prove])
    expect(status).toBe(207)
    expect(errors.map((error) => error?.code ?? 'OK')).toEqual(['OK', 'RATE_LIMITED'])
    expect(Number(retryAfter)).toBe(errors[1]!.details!.retryAfterSeconds)
  })
})

test('the keys of an app are one caller, with room for a thousand people', async () => {
  const { appId, apiKey } = await world.stranger()
  const { secret } = await world.operator.apiKeys.create.mutate({ appId, name: 'second', idempotencyKey: randomUUID() })
  await countedBefore(`money:app:${appId}`, PAYMENTS * 1_000 - 2, 60)
  const pay = (key: string) => call(service.url, { path: 'payments.create', type: 'mutation' }, {}, keyHeaders(key))
  expectRefusal(await pay(apiKey), 'INVALID_INPUT')
  expectRefusal(await pay(secret!), 'INVALID_INPUT')
  expectTooMany(await pay(apiKey))
  expectTooMany(await pay(secret!))
  expectRefusal(await pay(world.apiKey), 'INVALID_INPUT')
})

test('whoever has no valid key is counted by where they come from', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.50', authorization: 'Bearer garbage' }
  const counters = service.built.services.rateLimits
  for (let n = 0; n < 1_199; n++) await counters.consume('read', 'ip:192.0.2.50')
  const read = (extra: Record<string, string>) =>
    call(service.url, { path: 'apps.mine', type: 'query' }, undefined, { ...headers, ...extra })
  expectRefusal(await read({}), 'UNAUTHENTICATED')
  expectTooMany(await read({}))
  expect((await read(keyHeaders(world.apiKey))).status).toBe(200)
})
