import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tokenScopes } from '../../server/contract/callers.ts'
import type { Me, Token } from '../../server/contract/entities.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { dataOf, expectRefusal } from './support/ceremony.ts'
import { forgeToken, partOf, privateKeyOf } from './support/forge-token.ts'

const ISSUER = 'http://127.0.0.1:4000'
const ours = privateKeyOf(Buffer.from(sandboxSecrets.tokenSeed, 'base64url'))
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

let world: World
let service: Instance
let other: Instance
let late = 0

beforeAll(async () => {
  world = await testWorld({ workers: false })
  const clock = { now: () => new Date(Date.now() + late) }
  ;[service, other] = await Promise.all([instance(world, {}, { clock }), instance(world, {}, { clock })])
})
beforeEach(() => {
  late = 0
})
afterAll(async () => {
  await Promise.all([service, other].map((each) => each[Symbol.asyncDispose]()))
  await world[Symbol.asyncDispose]()
})

const somebodyHere = () => person(world, { url: service.url })

const use = (
  token: string,
  path = 'auth.me',
  { url = service.url, headers = {}, type = 'query', input = {} as unknown } = {},
) => call(url, { path, type: type as 'query' }, input, { authorization: `Bearer ${token}`, ...headers })

const jwks = async (): Promise<JSONWebKeySet> => (await fetch(`${service.url}/.well-known/jwks.json`)).json()

/** The claims of a token that is good, for a forger to change. */
async function claimsOf({ token }: Person): Promise<JWTPayload> {
  return decodeJwt(await token('account:read'))
}

const header = { alg: 'EdDSA', typ: 'at+jwt', kid: 'sandbox' }

describe('a token', () => {
  test('says who, in which app, by which session, for what and how long, and no more', async () => {
    const ada = await somebodyHere()
    const began = Math.floor(Date.now() / 1000)
    const { token, scopes, expiresAt } = dataOf<Token>(
      await ada.mutate('auth.token', { scopes: ['payments:write', 'account:read', 'payments:write'] }),
    )
    const ended = Math.floor(Date.now() / 1000)
    expect(decodeProtectedHeader(token)).toEqual(header)
    const claims = decodeJwt(token)
    expect(claims).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: ada.userId,
      app: ada.appId,
      sid: ada.sessionId,
      scope: 'payments:write account:read',
      jti: expect.stringMatching(uuid),
      iat: expect.any(Number),
      exp: claims.iat! + 600,
    })
    expect(claims.iat).toBeGreaterThanOrEqual(began)
    expect(claims.iat).toBeLessThanOrEqual(ended)
    expect(scopes).toEqual(['payments:write', 'account:read'])
    expect(expiresAt).toEqual(new Date(claims.exp! * 1000))
    expect(decodeJwt(await ada.token('account:read')).jti).not.toBe(claims.jti)
  })

  test('is verified by the published keys, of which no private part is told', async () => {
    const ada = await somebodyHere()
    const answer = await fetch(`${service.url}/.well-known/jwks.json`, {
      headers: { origin: 'https://anywhere.example' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    const published = (await answer.json()) as JSONWebKeySet
    const { x } = createPublicKey(ours).export({ format: 'jwk' })
    expect(published).toEqual({ keys: [{ kty: 'OKP', crv: 'Ed25519', x, kid: 'sandbox', alg: 'EdDSA', use: 'sig' }] })
    const verified = await jwtVerify(await ada.token('account:read'), createLocalJWKSet(published), {
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    })
    expect(verified.payload.sub).toBe(ada.userId)
  })

  test('speaks for its user on every instance, for its scopes alone', async () => {
    const ada = await somebodyHere()
    const token = await ada.token('account:read', 'wallets:read')
    for (const { url } of [service, other]) {
      expect(dataOf<Me>(await use(token, 'auth.me', { url }))).toMatchObject({
        kind: 'user',
        user: { id: ada.userId },
        sessionId: ada.sessionId,
        scopes: ['account:read', 'wallets:read'],
      })
      expect((await use(token, 'wallets.list', { url })).status).toBe(200)
      expectRefusal(await use(token, 'payments.list', { url }), 'FORBIDDEN')
    }
  })

  test('is for pages of the app, and for what is no page', async () => {
    const token = await (await somebodyHere()).token('account:read')
    for (const origin of [PAGE, ISSUER]) expect((await use(token, 'auth.me', { headers: { origin } })).status).toBe(200)
    for (const origin of ['http://evil.localhost:3000', `${PAGE}/`, 'https://app.localhost:3000', 'null', ''])
      expectRefusal(await use(token, 'auth.me', { headers: { origin } }), 'ORIGIN_NOT_ALLOWED')
    expect((await use(token)).status).toBe(200)
  })

  test('is not given for a scope that tokens do not have, for none, or for one that is not', async () => {
    const ada = await somebodyHere()
    for (const scopes of [
      ['account:write'],
      ['api_keys:read'],
      ['users:read'],
      ['*'],
      [],
      ['account:read', 'apps:write'],
      'account:read',
      null,
    ])
      expectRefusal(await ada.mutate('auth.token', { scopes }), 'INVALID_INPUT')
  })
})

describe('a token cannot', () => {
  const forbidden: [what: string, path: string, type: 'query' | 'mutation', input: unknown][] = [
    ['make a token', 'auth.token', 'mutation', { scopes: ['account:read'] }],
    ['sign out', 'auth.signOut', 'mutation', {}],
    ['sign out everywhere', 'auth.signOut', 'mutation', { everywhere: true }],
    ['end a session', 'auth.revokeSession', 'mutation', { sessionId: randomUUID() }],
    ['list keys', 'apiKeys.list', 'query', {}],
    ['make a key', 'apiKeys.create', 'mutation', { name: 'x', idempotencyKey: randomUUID() }],
    ['open a wallet', 'wallets.open', 'mutation', undefined],
    ['prove a wallet', 'wallets.challenge', 'mutation', { address: `0x${'1'.repeat(40)}`, chainId: 43_113 }],
  ]
  test.each(forbidden)('%s, though it has every scope and its user every role', async (_, path, type, input) => {
    const ada = await person(world, { url: service.url, roles: ['merchant', 'officer', 'auditor', 'operator'] })
    const token = await ada.token(...tokenScopes)
    expectRefusal(await use(token, path, { type, input }), 'FORBIDDEN')
    expect((await use(token)).status).toBe(200)
  })
})

describe('a token is over', () => {
  test('after ten minutes, also for who knew it before', async () => {
    const token = await (await somebodyHere()).token('account:read')
    const { exp } = decodeJwt(token)
    late = exp! * 1000 - Date.now() - 5_000
    for (const { url } of [service, other]) expect((await use(token, 'auth.me', { url })).status).toBe(200)
    late = exp! * 1000 - Date.now()
    for (const { url } of [service, other]) expectRefusal(await use(token, 'auth.me', { url }), 'UNAUTHENTICATED')
  })

  test('with its session, at once and everywhere', async () => {
    const ada = await somebodyHere()
    const again = await person(world, { account: ada.account, url: service.url })
    const [token, another] = [await ada.token('account:read'), await again.token('account:read')]
    for (const { url } of [service, other]) expect((await use(token, 'auth.me', { url })).status).toBe(200)
    await ada.mutate('auth.signOut')
    for (const { url } of [service, other]) expectRefusal(await use(token, 'auth.me', { url }), 'UNAUTHENTICATED')
    expect((await use(another)).status).toBe(200)
  })

  test('with a session that nobody used for too long', async () => {
    await using impatient = await instance(
      world,
      { SESSION_IDLE_MS: '60000' },
      { clock: { now: () => new Date(Date.now() + late) } },
    )
    const token = await (await person(world, { url: impatient.url })).token('account:read')
    late = 60_000
    expectRefusal(await use(token, 'auth.me', impatient), 'UNAUTHENTICATED')
  })

  test('for a page that the app takes off its list', async () => {
    const { appId } = await world.stranger()
    const token = await (await person(world, { appId, url: service.url })).token('account:read')
    expect((await use(token, 'auth.me', { headers: { origin: PAGE } })).status).toBe(200)
    await world.operator.apps.update.mutate({ appId, origins: [] })
    expectRefusal(await use(token, 'auth.me', { headers: { origin: PAGE } }), 'ORIGIN_NOT_ALLOWED')
  })
})

describe('refused is', () => {
  const foreign = generateKeyPairSync('ed25519').privateKey
  const publicKey = createPublicKey(ours)
  const now = () => Math.floor(Date.now() / 1000)
  type Forge = (claims: JWTPayload) => string | Promise<string>
  const signed =
    (patch: JWTPayload, head: object = {}): Forge =>
    (claims) => {
      const payload = { ...claims, ...patch }
      return forgeToken({ ...header, ...head }, payload, ours)
    }
  const cases: [what: string, forge: Forge][] = [
    ['one without its signature', (claims) => `${partOf(header)}.${partOf(claims)}.`],
    ['one with alg none', (claims) => `${partOf({ ...header, alg: 'none' })}.${partOf(claims)}.`],
    ['one with alg none and a signature', (claims) => `${partOf({ ...header, alg: 'none' })}.${partOf(claims)}.AA`],
    ['one with alg None', (claims) => `${partOf({ ...header, alg: 'None' })}.${partOf(claims)}.AA`],
    ['one without alg', (claims) => `${partOf({ typ: 'at+jwt', kid: 'sandbox' })}.${partOf(claims)}.AA`],
    ['one of a foreign key', (claims) => forgeToken(header, claims, foreign)],
    ['one whose algorithm has another name', signed({}, { alg: 'Ed25519' })],
    [
      'one of a foreign key that comes along (jwk)',
      (claims) => forgeToken({ ...header, jwk: createPublicKey(foreign).export({ format: 'jwk' }) }, claims, foreign),
    ],
    [
      'one of a foreign key that is found elsewhere (jku)',
      (claims) => forgeToken({ ...header, jku: 'https://evil.example/jwks.json' }, claims, foreign),
    ],
    [
      'one of HS256 with the public key as secret, as it is published',
      (claims) => forgeToken({ ...header, alg: 'HS256' }, claims, Buffer.from(publicKey.export({ format: 'jwk' }).x!)),
    ],
    [
      'one of HS256 with the bytes of the public key as secret',
      (claims) =>
        forgeToken(
          { ...header, alg: 'HS256' },
          claims,
          Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'),
        ),
    ],
    [
      'one of HS256 with the PEM of the public key as secret',
      (claims) =>
        forgeToken({ ...header, alg: 'HS256' }, claims, Buffer.from(publicKey.export({ format: 'pem', type: 'spki' }))),
    ],
    [
      'one of HS256 with nothing as secret',
      (claims) => forgeToken({ ...header, alg: 'HS256' }, claims, Buffer.alloc(32)),
    ],
    ['one of an unknown kid', signed({}, { kid: 'another' })],
    ['one of a kid that every object has', signed({}, { kid: 'constructor' })],
    ['one without kid', signed({}, { kid: undefined })],
    ['one whose kid is a path', signed({}, { kid: '../../../dev/null' })],
    ['one of another typ', signed({}, { typ: 'JWT' })],
    ['one without typ', signed({}, { typ: undefined })],
    [
      'one with a rule that must be known (crit)',
      signed({}, { crit: ['https://example.com/rule'], 'https://example.com/rule': true }),
    ],
    ['one that expired', signed({ exp: now() - 60 })],
    ['one that expired just now', signed({ exp: now() })],
    ['one that never expires', signed({ exp: undefined })],
    ['one whose expiry is no number', signed({ exp: '9999999999' as never })],
    ['one that is not valid yet', signed({ nbf: now() + 60 })],
    ['one without iat', signed({ iat: undefined })],
    ['one of another issuer', signed({ iss: 'https://evil.example' })],
    ['one of our issuer with a slash', signed({ iss: `${ISSUER}/` })],
    ['one without issuer', signed({ iss: undefined })],
    ['one for another audience', signed({ aud: 'https://another.example' })],
    ['one for the app', (claims) => signed({ aud: claims.app as string })(claims)],
    ['one without audience', signed({ aud: undefined })],
    ['one without sub', signed({ sub: undefined })],
    ['one whose sub is no id', signed({ sub: 'ada' })],
    ['one without jti', signed({ jti: undefined })],
    ['one whose jti is no text', signed({ jti: 7 as never })],
    ['one without sid', signed({ sid: undefined })],
    ['one of a session that is not', signed({ sid: randomUUID() })],
    ['one without app', signed({ app: undefined })],
    ['one with what is no scope', signed({ scope: 'everything' })],
    ['one with a scope that tokens do not have', signed({ scope: 'account:read account:write' })],
    ['one with an empty scope', signed({ scope: '' })],
    ['one with a list for a scope', signed({ scope: ['account:read'] })],
    ['one without scope', signed({ scope: undefined })],
    ['one of another user than its session', signed({ sub: randomUUID() })],
    ['one of another app than its session', signed({ app: randomUUID() })],
    ['one whose payload is no object', () => forgeToken(header, '"text"', ours)],
    ['one whose payload is no JSON', () => forgeToken(header, 'text', ours)],
    ['one in five parts', (claims) => `${partOf(header)}.${partOf(claims)}.AA.AA.AA`],
    ['nothing but dots', () => 'ey..'],
  ]
  test.each(cases)('%s', async (_, forge) => {
    const ada = await somebodyHere()
    const claims = await claimsOf(ada)
    expectRefusal(await use(await forge(claims)), 'UNAUTHENTICATED')
    // a forger with our key and nothing changed gets in: it is the change that is refused
    expect((await use(await signed({})(claims))).status).toBe(200)
  })

  test('a token with any part of it tampered with', async () => {
    const ada = await somebodyHere()
    const token = await ada.token('account:read')
    const [head, payload, signature] = token.split('.') as [string, string, string]
    const claims = decodeJwt(token)
    const flipFirst = (text: string) => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`
    const tampered = [
      `${head}.${partOf({ ...claims, sub: (await somebodyHere()).userId })}.${signature}`,
      `${head}.${partOf({ ...claims, scope: 'payments:write' })}.${signature}`,
      `${head}.${partOf({ ...claims, exp: claims.exp! + 3600 })}.${signature}`,
      `${partOf({ ...header, kid: 'sandbox', x: 1 })}.${payload}.${signature}`,
      `${head}.${payload}.${flipFirst(signature)}`,
      `${head}.${payload}.${signature.slice(0, -4)}`,
      `${head}.${payload}.${signature}AAAA`,
      `${head}.${payload}.${signature}=`,
      `${head}.${payload} .${signature}`,
    ]
    for (const forged of tampered) expectRefusal(await use(forged), 'UNAUTHENTICATED')
    expect((await use(token)).status).toBe(200)
    for (const forged of tampered) expectRefusal(await use(forged), 'UNAUTHENTICATED')
  })

  test('a token of another service with the same keys', async () => {
    await using elsewhere = await instance(world, { PUBLIC_URL: 'https://api.example.com' })
    const ada = await somebodyHere()
    expectRefusal(await use(await ada.token('account:read'), 'auth.me', elsewhere), 'UNAUTHENTICATED')
  })
})

test('the published keys are the same on every instance', async () => {
  expect(await (await fetch(`${other.url}/.well-known/jwks.json`)).json()).toEqual(await jwks())
})
