import { expect, test } from 'vitest'
import { createClient } from '../client-sdk/index.ts'
import { environmentOf, nowhere } from './http/support/instance.ts'
import { withAdmin } from './http/support/rows.ts'
import { run } from './http/support/run.ts'
import { emptyDatabase } from './support/database.ts'
import { testWorld } from './support/world.ts'

const provider = (args: string, environment: Record<string, string> = {}) =>
  run('server/cli.ts', args === '' ? [] : args.split(' '), environment)

test('says how it is used: 0 when asked for, 2 when used wrongly', async () => {
  const [asked, wrong, unknown, half] = await Promise.all([
    provider('help'),
    provider('keys create', { DATABASE_URL: 'postgres://127.0.0.1:9/none' }),
    provider('drop everything'),
    provider('keys'),
  ])
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('audit verify') })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --name') })
  expect(unknown.code).toBe(2)
  expect(half.code).toBe(2)
})

test('without DATABASE_URL it says so; with an unreachable one it fails without its password', async () => {
  const [missing, unreachable] = await Promise.all([
    provider('audit verify'),
    provider('audit verify', { DATABASE_URL: 'postgres://app:pw-canary@127.0.0.1:9/none' }),
  ])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('DATABASE_URL is missing') })
  expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('failed: ') })
  expect(unreachable.stderr + unreachable.stdout).not.toContain('pw-canary')
})

test('migrate: brings a database up to date, and then has nothing to do', async () => {
  await using database = await emptyDatabase()
  const environment = {
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_APPLICATION_ROLE: new URL(database.applicationUrl).username,
  }
  expect(await provider('migrate', environment)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ migrations done\n$/),
  })
  expect(await provider('migrate', environment)).toMatchObject({ code: 0, stdout: 'the database is up to date\n' })
  expect((await database.pool.query('select count(*) from payment')).rows).toEqual([{ count: 0n }])
})

test('keys create: prints an operator key once, which works, and whose making is in the audit trail', async () => {
  await using world = await testWorld({ workers: false })
  const { code, stdout, stderr } = await provider('keys create --name console', {
    DATABASE_URL: world.database.applicationUrl,
  })
  expect(code).toBe(0)
  const secret = stdout.trim()
  expect(secret).toMatch(/^psk_[\w-]{43}$/)
  expect(stderr).not.toContain(secret)

  const operator = createClient({ url: world.url, apiKey: secret })
  const app = await operator.apps.create.mutate({ name: 'made with it', idempotencyKey: 'from-the-console' })
  expect(app.name).toBe('made with it')
  const key = await world.built.services.db
    .selectFrom('api_key')
    .innerJoin('audit', 'audit.stream', 'api_key.id')
    .select(['api_key.name', 'api_key.hash', 'audit.body'])
    .where('api_key.prefix', '=', secret.slice(0, 12))
    .executeTakeFirstOrThrow()
  expect(key.name).toBe('console')
  expect(JSON.parse(key.body.toString())).toMatchObject({
    action: 'api_key.created',
    actor: 'system:provider',
  })
  expect(key.body.toString()).not.toContain(secret)
})

test('audit verify: 0 for what is whole, 1 and the place for what was tampered with', async () => {
  await using world = await testWorld({ workers: false })
  const paywall = await world.paywall()
  const environment = { DATABASE_URL: world.database.applicationUrl }
  const whole = await provider('audit verify', environment)
  expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/^5 objects, 5 leaves, 0 faults$/m) })

  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(
      `update audit set body = convert_to(replace(convert_from(body, 'UTF8'), 'A test', 'A fake'), 'UTF8')
      where stream = $1`,
      [paywall.id],
    ),
  )
  const tampered = await provider('audit verify', environment)
  expect(tampered.code).toBe(1)
  expect(tampered.stdout).toContain(`FAULT ${paywall.id} leaf 1: its bytes do not have its hash`)
  expect(tampered.stdout).toContain('1 faults')
})

test('doctor: 0 when nothing is missing; else every problem, 1, and no secret', async () => {
  await using world = await testWorld({ workers: false })
  await using empty = await emptyDatabase()
  const environment = environmentOf(world, nowhere)
  const [well, ill, unmigrated] = await Promise.all([
    provider('doctor', environment),
    provider('doctor', { DATABASE_URL: 'postgres://app:pw-canary@127.0.0.1:9/none', CROSSMINT_API_KEY: 'canary' }),
    provider('doctor', { ...environment, DATABASE_URL: empty.applicationUrl }),
  ])
  expect(well).toMatchObject({ code: 0, stdout: 'nothing is missing\n' })
  expect(ill.code).toBe(1)
  for (const problem of ['CROSSMINT_API_KEY is a server key', 'CHAINS is missing', 'the database does not answer'])
    expect(ill.stdout).toContain(problem)
  expect(ill.stdout + ill.stderr).not.toContain('canary')
  expect(unmigrated).toMatchObject({ code: 1, stdout: expect.stringContaining('migrations are missing') })
})
