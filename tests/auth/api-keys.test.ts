import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../client-sdk/index.ts'
import type { Scope } from '../../server/contract/callers.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { keyHeaders } from '../http/support/callers.ts'
import { call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { eventually } from '../support/eventually.ts'
import { person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { dataOf, expectRefusal } from './support/ceremony.ts'

let world: World
let other: Instance
/** The operator, on an instance whose clock is moved. */
let operator: Client
let late = 0

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + late) }
  world = await testWorld({ workers: false, clock })
  other = await instance(world, {}, { clock })
  operator = world.operator
})
beforeEach(() => {
  late = 0
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const create = async (patch: { scopes?: Scope[]; expiresAt?: Date } = {}) => {
  const { secret, ...key } = await operator.apiKeys.create.mutate({
    appId: world.appId,
    name: 'server',
    idempotencyKey: randomUUID(),
    ...patch,
  })
  return { ...key, secret: secret! }
}

const use = (secret: string, path = 'apps.mine', input?: unknown, { url } = { url: world.url }) =>
  call(url, { path, type: 'query' }, input, keyHeaders(secret))

const statuses = async (secret: string) =>
  Promise.all([world, other].map(async ({ url }) => (await use(secret, 'apps.mine', undefined, { url })).status))

test('a key is stored as its hash alone', async () => {
  const { secret, id } = await create()
  const { rows } = await withAdmin(world.database.adminUrl, (admin) =>
    admin.query('select to_jsonb(api_key)::text as text, hash from api_key where id = $1', [id]),
  )
  expect(rows[0].text).not.toContain(secret.slice(12))
  expect(rows[0].hash).toEqual(createHash('sha256').update(secret).digest())
  const { items } = await world.client.audit.trail.query({ objectId: id })
  expect(items.map(({ body }) => body).join()).toContain(secret.slice(0, 12))
  expect(items.map(({ body }) => body).join()).not.toContain(secret.slice(12))
})

test('a key with scopes is good for these and for nothing else', async () => {
  const { secret, scopes } = await create({ scopes: ['apps:read', 'wallets:read'] })
  expect(scopes).toEqual(['apps:read', 'wallets:read'])
  expect((await use(secret)).status).toBe(200)
  expect((await use(secret, 'wallets.list', {})).status).toBe(200)
  const refused = await use(secret, 'payments.list', {})
  expectRefusal(refused, 'FORBIDDEN')
  expect(refused.error?.data.details).toEqual({ scope: 'payments:read' })
  const write = await call(world.url, { path: 'wallets.create', type: 'mutation' }, { owner: 'x' }, keyHeaders(secret))
  expectRefusal(write, 'FORBIDDEN')
})

test('a key of an app reaches no other app, and is no platform key whatever its scopes', async () => {
  const { appId } = await world.stranger()
  const { secret } = await create()
  for (const input of [{ appId }, { appId: world.appId }])
    expectRefusal(await use(secret, 'apiKeys.list', input), 'FORBIDDEN')
  const user = await person(world, { appId })
  expectRefusal(await use(secret, 'users.get', { userId: user.userId, appId }), 'NOT_FOUND')
})

test('a key that is revoked ends at once on every instance, and no other does', async () => {
  const [one, two] = [await create(), await create()]
  expect(await statuses(one.secret)).toEqual([200, 200])
  await operator.apiKeys.revoke.mutate({ keyId: one.id })
  expect(await statuses(one.secret)).toEqual([401, 401])
  expect(await statuses(two.secret)).toEqual([200, 200])
})

test('a key ends at its expiry, on every instance', async () => {
  const { secret, expiresAt } = await create({ expiresAt: new Date(Date.now() + 3_600_000) })
  late = expiresAt!.getTime() - Date.now() - 60_000
  expect(await statuses(secret)).toEqual([200, 200])
  late = expiresAt!.getTime() - Date.now()
  expect(await statuses(secret)).toEqual([401, 401])
})

describe('rotation', () => {
  const rotate = (keyId: string, overlapSeconds?: number) =>
    operator.apiKeys.rotate.mutate({ keyId, idempotencyKey: randomUUID(), ...(overlapSeconds && { overlapSeconds }) })

  test('gives a new key with the same scopes; the old one goes on for an hour', async () => {
    const old = await create({ scopes: ['apps:read'] })
    const fresh = await rotate(old.id)
    expect(fresh).toMatchObject({ name: old.name, scopes: old.scopes, appId: world.appId, expiresAt: null })
    expect(fresh.id).not.toBe(old.id)
    expect([await statuses(old.secret), await statuses(fresh.secret!)]).toEqual([
      [200, 200],
      [200, 200],
    ])
    late = 3_600_000 - 60_000
    expect(await statuses(old.secret)).toEqual([200, 200])
    late = 3_600_000
    expect(await statuses(old.secret)).toEqual([401, 401])
    expect(await statuses(fresh.secret!)).toEqual([200, 200])
    await expect(rotate(old.id)).rejects.toMatchObject({ code: 'API_KEY_ENDED' })
  })

  test('does not make a key live longer, neither the old nor the new', async () => {
    const expiresAt = new Date(Date.now() + 600_000)
    const old = await create({ expiresAt })
    const fresh = await rotate(old.id, 3_600)
    expect(fresh.expiresAt).toEqual(expiresAt)
    late = 600_000
    expect([await statuses(old.secret), await statuses(fresh.secret!)]).toEqual([
      [401, 401],
      [401, 401],
    ])
  })

  test('of one that leaked: the old one is revoked within its overlap', async () => {
    const old = await create()
    const fresh = await rotate(old.id)
    await operator.apiKeys.revoke.mutate({ keyId: old.id })
    expect([await statuses(old.secret), await statuses(fresh.secret!)]).toEqual([
      [401, 401],
      [200, 200],
    ])
  })
})

test('when a key was last used is known to a minute, and written once however many calls come at a time', async () => {
  const { id, secret } = await create()
  const lastUsedAt = async () =>
    (await operator.apiKeys.list.query({ appId: world.appId, limit: 100 })).items.find((key) => key.id === id)!
      .lastUsedAt
  const usedAt = (moment: number) =>
    eventually(async () => expect(Math.abs((await lastUsedAt())!.getTime() - moment)).toBeLessThan(30_000))
  expect(await lastUsedAt()).toBeNull()
  await withAdmin(world.database.adminUrl, async (admin) => {
    await admin.query(`
      create table touched (id uuid not null);
      create function note_touch() returns trigger language plpgsql security definer as
        $$ begin insert into public.touched values (new.id); return new; end $$;
      create trigger note_touch after update on api_key for each row execute function note_touch()`)
    // whoever would write waits until all have been answered
    await admin.query('begin')
    await admin.query('select 1 from api_key where id = $1 for update', [id])
    const answers = await Promise.all(Array.from({ length: 20 }, () => statuses(secret)))
    expect(answers.flat().every((status) => status === 200)).toBe(true)
    await admin.query('commit')
  })
  await usedAt(Date.now())
  const first = await lastUsedAt()
  late = 59_000 - (Date.now() - first!.getTime())
  expect(await statuses(secret)).toEqual([200, 200])
  // each instance writes in turn: once this is written, nothing of before is still to come
  for (const instance of [world, other]) {
    late += 61_000
    await use(secret, 'apps.mine', undefined, instance)
    await usedAt(Date.now() + late)
  }
  const { rowCount } = await withAdmin(world.database.adminUrl, (admin) =>
    admin.query('select 1 from touched where id = $1', [id]),
  )
  expect(rowCount).toBe(3)
})

describe('what is nearly a key', () => {
  test.each<[string, (secret: string) => string]>([
    ['with its first letter in upper case', (secret) => `P${secret.slice(1)}`],
    ['with one character changed', (secret) => `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`],
    ['with one character more', (secret) => `${secret}A`],
    ['with one character less', (secret) => secret.slice(0, -1)],
    ['its prefix alone', (secret) => secret.slice(0, 12)],
    ['its hash', (secret) => `psk_${createHash('sha256').update(secret).digest('base64url')}`],
    ['any other', () => `psk_${randomBytes(32).toString('base64url')}`],
  ])('%s is none', async (_, change) => {
    const { secret } = await create()
    expectRefusal(await use(change(secret)), 'UNAUTHENTICATED')
  })

  test('in the query or a cookie is not looked at', async () => {
    const { secret } = await create()
    const places: Record<string, string>[] = [{ cookie: `provider-session=${secret}` }, { 'x-api-key': secret }]
    for (const headers of places)
      expectRefusal(await call(world.url, { path: 'apps.mine', type: 'query' }, undefined, headers), 'UNAUTHENTICATED')
    const answer = await fetch(`${world.url}/trpc/apps.mine?authorization=Bearer%20${secret}&apiKey=${secret}`)
    expect(answer.status).toBe(401)
  })
})

test('the key of the platform speaks for no app, and for no person', async () => {
  const me = dataOf(await use(sandboxSecrets.operatorKey, 'auth.me'))
  expect(me).toMatchObject({ kind: 'service', appId: null, scopes: null })
  expectRefusal(await use(sandboxSecrets.operatorKey, 'apps.mine'), 'FORBIDDEN')
  expectRefusal(await use(sandboxSecrets.operatorKey, 'auth.sessions', {}), 'FORBIDDEN')
})
