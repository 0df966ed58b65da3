import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertApiKey } from '../../server/domain/api-keys/create-api-key.ts'
import { newSecret } from '../../server/domain/api-keys/secret.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { testWorld, type World } from '../support/world.ts'
import { call, procedures, request } from './support/calls.ts'
import { goodInputs } from './support/inputs.ts'
import { rowCounts } from './support/rows.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

/** A key of the app, as a migration from another time could have left it. */
async function keyThat(patch: { expiresAt?: Date; revoke?: boolean }): Promise<string> {
  const { appId, operator, built } = world
  const secret = newSecret()
  const id = randomUUID()
  const key = { id, appId, name: 'a key', secret, createdAt: new Date(), expiresAt: patch.expiresAt ?? null }
  await insertApiKey(built.services.db, { kind: 'system', name: 'test' }, key)
  if (patch.revoke) await operator.apiKeys.revoke.mutate({ keyId: id })
  return secret
}

describe.each(procedures)('$path', (procedure) => {
  test('needs a valid key, of its own kind', async () => {
    const input = await goodInputs[procedure.path]!(world)
    const [revoked, expired] = await Promise.all([
      keyThat({ revoke: true }),
      keyThat({ expiresAt: new Date(Date.now() - 1) }),
    ])
    const before = await rowCounts(world.database)
    for (const key of [undefined, newSecret(), 'psk_short', world.apiKey.toUpperCase(), revoked, expired]) {
      const { status, error } = await call(world.url, procedure, input, key)
      expect(status).toBe(401)
      expect(error?.data).toMatchObject({ code: 'UNAUTHENTICATED', httpStatus: 401, path: procedure.path })
      expect(error?.message).toContain('authorization: Bearer psk_')
    }
    const wrongKind = procedure.for === 'operator' ? world.apiKey : sandboxSecrets.operatorKey
    const refused = await call(world.url, procedure, input, wrongKind)
    expect(refused.status).toBe(403)
    expect(refused.error?.data.code).toBe('FORBIDDEN')
    expect(await rowCounts(world.database)).toEqual(before)
  })

  test('does not say what is wrong with an input before it knows the caller', async () => {
    const { error } = await call(world.url, procedure, { nonsense: true }, undefined)
    expect(error?.data).toMatchObject({ code: 'UNAUTHENTICATED', issues: null })
  })
})

test.each([
  ['another scheme', (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`],
  ['no scheme', (key: string) => key],
  ['a key within a sentence', (key: string) => `Bearer ${key} please`],
  ['two keys', (key: string) => `Bearer ${key}, Bearer ${key}`],
  ['SQL', () => `Bearer ' or 1=1 --`],
  ['a very long key', () => `Bearer psk_${'x'.repeat(10_000)}`],
])('%s is no key', async (_name, header) => {
  const answer = await request(`${world.url}/trpc/apps.mine`, undefined, {
    method: 'GET',
    headers: { authorization: header(world.apiKey) },
  })
  expect(answer.error?.data.code).toBe('UNAUTHENTICATED')
})

test('a revoked key ends at once, the other keys of the app go on', async () => {
  const { operator, appId } = world
  const create = () => operator.apiKeys.create.mutate({ appId, name: 'server', idempotencyKey: randomUUID() })
  const [first, second] = await Promise.all([create(), create()])
  const mine = (secret: string) => call(world.url, { path: 'apps.mine', type: 'query' }, undefined, secret)
  expect((await mine(first.secret!)).status).toBe(200)

  await operator.apiKeys.revoke.mutate({ keyId: first.id })

  expect((await mine(first.secret!)).status).toBe(401)
  expect((await mine(second.secret!)).status).toBe(200)
})

test('in a batch, each call is judged by itself', async () => {
  const input = encodeURIComponent(JSON.stringify({ 1: { json: { appId: world.appId } } }))
  const { status, text } = await request(`${world.url}/trpc/apps.mine,apiKeys.list?batch=1&input=${input}`, undefined, {
    method: 'GET',
    apiKey: world.apiKey,
  })
  const [mine, keys] = JSON.parse(text)
  expect(status).toBe(207)
  expect(mine.result.data.json.id).toBe(world.appId)
  expect(keys.error.json.data.code).toBe('FORBIDDEN')
})
