import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testWorld, type World } from '../support/world.ts'
import { call, request } from './support/calls.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

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
