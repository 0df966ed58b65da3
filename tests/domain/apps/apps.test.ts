import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createClient, errorOf } from '../../../client-sdk/index.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { testWorld } from '../../support/world.ts'

test('an app is made once for a key, and its own keys see it', async () => {
  await using world = await testWorld({ workers: false })
  const input = { name: ' Payer Tiger ', idempotencyKey: randomUUID() }
  const before = await rowCounts(world.database)
  const made = await Promise.all(Array.from({ length: 10 }, () => world.operator.apps.create.mutate(input)))
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(made.filter(({ replayed }) => !replayed)).toHaveLength(1)
  expect(made[0]!.name).toBe('Payer Tiger')
  expect(growth(before, await rowCounts(world.database))).toEqual({
    app: 1,
    list_version: 1,
    audit: 1,
    event: 1,
    idempotency: 1,
  })

  const { secret } = await world.operator.apiKeys.create.mutate({
    appId: made[0]!.id,
    name: 'server',
    idempotencyKey: randomUUID(),
  })
  const { replayed: _, ...app } = made[0]!
  expect(await createClient({ url: world.url, apiKey: secret! }).apps.mine.query()).toEqual(app)
})

test('the key of an app makes no apps', async () => {
  await using world = await testWorld({ workers: false })
  const error = await world.client.apps.create
    .mutate({ name: 'another', idempotencyKey: randomUUID() })
    .then(() => expect.unreachable('It was made'), errorOf)
  expect(error.code).toBe('FORBIDDEN')
})
