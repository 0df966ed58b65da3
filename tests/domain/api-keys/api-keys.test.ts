import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import { instance } from '../../http/support/instance.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const create = (patch: { expiresAt?: Date; idempotencyKey?: string } = {}) =>
  world.operator.apiKeys.create.mutate({ appId: world.appId, name: 'server', idempotencyKey: randomUUID(), ...patch })

test('a key is listed without its secret, with enough of it to be recognised', async () => {
  const made = await create()
  const { items } = await world.operator.apiKeys.list.query({ appId: world.appId })
  const { secret, replayed: _, ...key } = made
  expect(items[0]).toEqual(key)
  expect(secret!.startsWith(key.prefix)).toBe(true)
  expect(key.prefix).toHaveLength(12)
})

test('of calls at once with one key of idempotency, exactly one has the secret', async () => {
  const idempotencyKey = randomUUID()
  const made = await Promise.all(Array.from({ length: 10 }, () => create({ idempotencyKey })))
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(made.filter(({ secret }) => secret !== null)).toHaveLength(1)
})

test('a key ends at its expiry', async () => {
  const expiresAt = new Date(Date.now() + 60_000)
  const { secret } = await create({ expiresAt })
  let now = Date.now()
  await using later = await instance(world, {}, { clock: { now: () => new Date(now) } })
  const client = createClient({ url: later.url, apiKey: secret! })
  expect((await client.apps.mine.query()).id).toBe(world.appId)

  now = expiresAt.getTime()
  const error = await client.apps.mine.query().then(() => expect.unreachable('It still works'), errorOf)
  expect(error.code).toBe('UNAUTHENTICATED')
})

test('revoking twice says the same, and is one leaf', async () => {
  const { id } = await create()
  const first = await world.operator.apiKeys.revoke.mutate({ keyId: id })
  expect(first.revokedAt).toBeInstanceOf(Date)
  expect(await world.operator.apiKeys.revoke.mutate({ keyId: id })).toEqual(first)
  const { items } = await world.client.audit.trail.query({ objectId: id })
  expect(items.map(({ body }) => JSON.parse(body).action)).toEqual(['api_key.created', 'api_key.revoked'])
})

test('an app without a key of its own cannot be named', async () => {
  const error = await world.operator.apiKeys.create
    .mutate({ appId: randomUUID(), name: 'x', idempotencyKey: randomUUID() })
    .then(() => expect.unreachable('It was made'), errorOf)
  expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('app') })
})
