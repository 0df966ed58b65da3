import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandboxSecrets } from '../server/sandbox-secrets.ts'
import { withAdmin } from './http/support/rows.ts'
import { run } from './http/support/run.ts'
import { eventually } from './support/eventually.ts'
import { sealAll } from './support/seal.ts'
import { testWorld } from './support/world.ts'

const provider = (args: string, environment: Record<string, string> = {}) =>
  run('server/cli.ts', args.split(' '), environment)

const AUDIT_KEYS = `sandbox:${sandboxSecrets.auditSeed}`

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'provider-audit-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('what an operator exports is verified by an auditor who has the files and the public key, and nothing else', async () => {
  await using place = await directory()
  await using world = await testWorld({ workers: false })
  for (let n = 0; n < 3; n++) await world.paywall()
  await sealAll(world)
  await world.paywall()
  const operator = { DATABASE_URL: world.database.applicationUrl, AUDIT_KEYS }

  const keys = await provider('audit keys', { AUDIT_KEYS })
  expect(keys).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sandbox:[\w-]{43}\n$/) })
  expect(keys.stdout).not.toContain(sandboxSecrets.auditSeed)
  const key = keys.stdout.trim()

  const out = join(place.path, 'november')
  const made = await provider(`audit export --out ${out} --from 2020-01-01 --to 2100-01-01T00:00:00Z`, operator)
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('1 more of that time are not sealed yet') })
  const mine = join(place.path, 'mine')
  expect((await provider(`audit export --out ${mine} --app ${world.appId}`, operator)).code).toBe(0)
  expect((await readFile(join(mine, 'records.jsonl'))).toString().trimEnd().split('\n').length).toBeLessThan(
    (await readFile(join(out, 'records.jsonl'))).toString().trimEnd().split('\n').length,
  )

  for (const exported of [out, mine]) {
    const verified = await provider(`audit verify --export ${exported} --key ${key}`)
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ records, 0 faults$/m) })
    expect(verified.stdout).toContain('proven by checkpoint 1')
  }
  const other = await provider(`audit verify --export ${out} --key sandbox:${'A'.repeat(43)}`)
  expect(other).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('FAULT manifest.json: its signature is not one'),
  })
  const table = join(out, 'records.csv')
  await writeFile(table, (await readFile(table)).toString().replace('paywall.created', 'paywall.deleted'))
  expect(await provider(`audit verify --export ${out} --key ${key}`)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('FAULT records.csv: it does not say what the records say'),
  })
})

test('a history that was rewritten with the key is found out by the checkpoints that left the database', async () => {
  await using place = await directory()
  const checkpoints = join(place.path, 'checkpoints.jsonl')
  await using world = await testWorld({
    workers: false,
    environment: { AUDIT_CHECKPOINTS: checkpoints, SEAL_INTERVAL_MS: '50' },
  })
  const environment = { DATABASE_URL: world.database.applicationUrl, AUDIT_KEYS }
  world.built.startSealer()
  await world.paywall()
  await eventually(async () => expect((await readFile(checkpoints)).toString()).toMatch(/"number":1.*\n/))
  await world.built.stop()
  const verify = (more = '', settings: Record<string, string> = environment) =>
    provider(`audit verify${more}`, settings)
  const whole = await verify(` --checkpoints ${checkpoints}`)
  expect(whole).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^the log: \d+ leaves in \d+ checkpoints, 0 faults$/m),
  })

  // everything from before is gone, and a new log is begun with the same key
  await withAdmin(world.database.adminUrl, async (admin) => {
    for (const table of ['audit_checkpoint', 'audit_position', 'audit_node', 'audit_export'])
      await admin.query(`delete from ${table}`)
    await admin.query('set session_replication_role = origin')
    await admin.query('insert into audit_unsealed (shard, stream, sequence) select 0, stream, sequence from audit')
  })
  await sealAll({ ...world, built: world.instance() })
  expect((await verify()).code).toBe(0)
  const rewritten = await verify(` --checkpoints ${checkpoints}`)
  expect(rewritten).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('FAULT checkpoint 1: it is not the one that was kept outside'),
  })
  const { AUDIT_KEYS: _, ...keyless } = environment
  expect(await verify('', keyless)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the signatures of the checkpoints were not verified'),
  })
  expect(await verify(` --key other:${'A'.repeat(43)}`, keyless)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('whose public half was not given'),
  })
})

test.each([
  ['audit verify --key nonsense', 2, '--key is NAME:KEY'],
  ['audit verify --nonsense', 2, 'nonsense'],
  ['audit verify --export somewhere', 2, 'needs --key'],
  ['audit verify --checkpoints /nowhere', 1, 'ENOENT'],
  ['audit export', 2, 'needs --out'],
  ['audit export --out x --from yesterday', 2, '--from is a time'],
  ['audit export --out x --app mine', 2, '--app is the id of an app'],
  ['audit export --out x', 2, 'AUDIT_KEYS is missing'],
  ['audit keys', 2, 'AUDIT_KEYS is missing'],
])('%s ends with %d', async (args, code, says) => {
  const environment: Record<string, string> = args.includes('--from') ? { AUDIT_KEYS } : {}
  const ended = await provider(args, environment)
  expect(ended).toMatchObject({ code, stderr: expect.stringContaining(says) })
})

test('a file that is none of checkpoints is said, with its line', async () => {
  await using place = await directory()
  const path = join(place.path, 'kept.jsonl')
  await writeFile(path, '{"v":1}\n')
  expect(await provider(`audit verify --checkpoints ${path}`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`line 1 of ${path} is not a checkpoint`),
  })
  expect(await provider('audit keys', { AUDIT_KEYS: 'nonsense' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('AUDIT_KEYS is NAME:SEED'),
  })
})
