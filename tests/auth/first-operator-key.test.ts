import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, errorOf } from '../../client-sdk/index.ts'
import { connect } from '../../db/connect.ts'
import { makeFirstOperatorKey } from '../../server/domain/api-keys/first-operator-key.ts'
import { environmentOf, nowhere } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { type Running, start } from '../http/support/run.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const newSecret = () => `psk_${randomBytes(32).toString('base64url')}`

/** Starts the service of a database that no operator has a key of. */
const service = (databaseUrl: string, operatorKey: string, environment: Record<string, string> = {}) =>
  start('server/main.ts', [], {
    ...environmentOf(world, nowhere),
    DATABASE_URL: databaseUrl,
    OPERATOR_KEY: operatorKey,
    WORKERS: 'off',
    ...environment,
  })

const listening = (running: Running) =>
  eventually(() => {
    const url = /"url":"(http:[^"]+)","msg":"listening"/.exec(running.output())?.[1]
    if (!url) throw new Error(`It does not listen:\n${running.output()}`)
    return url
  })

const made = 'OPERATOR_KEY is the first key'

const keysIn = ({ adminUrl }: TestDatabase) =>
  withAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ name: string; prefix: string; ended: boolean }>(
      'select name, prefix, revoked_at is not null as ended from api_key where app_id is null',
    )
    return rows
  })

describe('OPERATOR_KEY', () => {
  test('is the first key of the platform; once revoked it does not come back, nor another in its place', async () => {
    await using database = await testDatabase()
    const secret = newSecret()
    {
      await using first = service(database.applicationUrl, secret)
      const operator = createClient({ url: await listening(first), apiKey: secret })
      expect(first.output()).toContain(made)
      expect(first.output()).not.toContain(secret.slice(12))
      await operator.apps.create.mutate({ name: 'first', idempotencyKey: randomUUID() })
      const me = await operator.auth.me.query()
      expect(me).toMatchObject({ kind: 'service', appId: null, scopes: null })
      await operator.apiKeys.revoke.mutate({ keyId: (me as { keyId: string }).keyId })
      const error = await operator.auth.me.query().then(() => expect.unreachable('It still works'), errorOf)
      expect(error.code).toBe('UNAUTHENTICATED')
    }
    const another = newSecret()
    await Promise.all(
      [secret, another].map(async (left) => {
        await using again = service(database.applicationUrl, left)
        const client = createClient({ url: await listening(again), apiKey: left })
        const error = await client.auth.me.query().then(() => expect.unreachable('It came back'), errorOf)
        expect(error.code).toBe('UNAUTHENTICATED')
        expect(again.output()).not.toContain(made)
      }),
    )
    expect(await keysIn(database)).toEqual([{ name: 'first operator', prefix: secret.slice(0, 12), ended: true }])
  })

  test('is made once by instances that start at once', async () => {
    for (let round = 0; round < (process.env.SOAK ? 20 : 3); round++) {
      await using database = await testDatabase()
      const secret = newSecret()
      const clock = { now: () => new Date() }
      await using stack = new AsyncDisposableStack()
      const instances = Array.from({ length: 4 }, () => {
        const connection = connect(database.applicationUrl, { onQuery: database.onQuery })
        stack.defer(() => connection.close())
        return connection
      })
      const verdicts = await Promise.all(instances.map(({ db }) => makeFirstOperatorKey({ db, clock }, secret)))
      expect(verdicts.filter((verdict) => verdict.made)).toHaveLength(1)
      expect(await keysIn(database)).toHaveLength(1)
    }
  })

  test('does not keep the service from starting while the database is away, and is made when it comes', async () => {
    await using database = await testDatabase()
    let away = true
    await using proxy = await databaseProxy(database.applicationUrl, () => (away ? 'drop-before' : undefined))
    const secret = newSecret()
    await using running = service(proxy.url, secret)
    const url = await listening(running)
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect(running.output()).not.toContain(made)

    away = false
    await eventually(() => expect(running.output()).toContain(made))
    const me = await createClient({ url, apiKey: secret }).auth.me.query()
    expect(me).toMatchObject({ kind: 'service', appId: null })
    running.child.kill('SIGTERM')
    expect((await running.ended).code).toBe(0)
  })
})
