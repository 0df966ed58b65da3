import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ListKind } from '../../../server/contract/entities.ts'
import { importFile } from '../../../server/domain/lists/import-file.ts'
import { sweepImports } from '../../../server/domain/lists/sweep-imports.ts'
import type { FileRow } from '../../../server/gateways/list-files/file-row.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { run } from '../../http/support/run.ts'
import { approved, publication } from '../../support/lists.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
let directory: string
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  directory = await mkdtemp(join(tmpdir(), 'provider-service-lists-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
  await world[Symbol.asyncDispose]()
})

const provider = (list: string, file: string, ...more: string[]) =>
  run('server/cli.ts', ['lists', 'import', file, '--app', world.appId, '--list', list, ...more], {
    DATABASE_URL: world.database.applicationUrl,
  })
const fileOf = async (text: string): Promise<string> => {
  const path = join(directory, randomUUID())
  await writeFile(path, text)
  return path
}
const importOf = (stdout: string) => /Staged as import ([0-9a-f-]{36});/.exec(stdout)![1]!
const subjectsOf = async (list: string) =>
  (await world.client.lists.entries.query({ list, limit: 100 })).items.map(({ subject }) => subject).sort()
const [eth, usdt] = [getAddress(`0x2${'0'.repeat(38)}1`), getAddress('0xabcdefabcdefabcdefabcdefabcdefabcdef0002')]

test.each([
  ['ofac-xml', 'sdn.xml', 2, 1, '1 XBT, 1 TRX'],
  ['ofac-xml', 'sdn_advanced.xml', 2, 0, '1 XBT'],
  ['ofac-csv', 'sdn.csv', 2, 0, '1 XBT'],
])(
  '%s: %s is staged, shown, published, and refuses who is on it',
  async (format, name, entries, duplicates, others) => {
    const list = randomUUID()
    const file = `sandbox/lists/${name}`
    const { code, stdout, stderr } = await provider(list, file, '--kind', 'sanctions', '--format', format)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(`passed over, not addresses of an EVM chain: ${others}`)
    expect(stdout).toContain(`added ${entries}\n  ${eth}  OFAC SDN 900001`)
    expect(stdout).toContain(
      `${entries} entries for the list "${list}", ${duplicates} duplicates and 0 bad rows left out`,
    )
    expect(await subjectsOf(list)).toEqual([])

    const preview = await world.client.lists.preview.query({ importId: importOf(stdout) })
    expect(preview).toMatchObject({ state: 'staged', source: name, stagedBy: 'system:provider', entries, duplicates })
    expect(stdout).toContain(preview.hash)
    await approved(world, await publication(world, preview))
    expect(await subjectsOf(list)).toEqual([eth, usdt].sort())
    expect((await world.client.lists.entries.query({ list })).items).toMatchObject([
      { kind: 'sanctions', source: 'OFAC SDN' },
      { kind: 'sanctions', source: 'OFAC SDN' },
    ])
  },
)

test('csv: the sample is staged with its periods, wallets and users', async () => {
  const list = randomUUID()
  const { code, stdout } = await provider(list, 'sandbox/lists/deny.csv', '--kind', 'deny')
  expect(code).toBe(0)
  const { samples } = await world.client.lists.preview.query({ importId: importOf(stdout) })
  expect(samples.added).toMatchObject([
    { subject: getAddress(`0x1${'0'.repeat(38)}1`), validFrom: null, validUntil: null },
    { subject: '0x52908400098527886E0F7030069857D2E4169EE7', validFrom: new Date('2026-03-01') },
    { subject: expect.stringMatching(/^user:/), source: 'risk', validFrom: new Date('2026-01-31T12:00:00Z') },
    { subject: expect.stringMatching(/^wallet:/), validUntil: new Date('2027-01-01') },
  ])
})

const bad = `subject,reason,valid_from,valid_until
${getAddress(`0x1${'0'.repeat(38)}2`)},fine,,
0x1234,short,,
0x52908400098527886E0F7030069857D2E4169ee7,a letter in the wrong case,,
wallet:7,no id,,
0x0000000000000000000000000000000000000000,nobody,,
0x1000000000000000000000000000000000000003,,,
0x1000000000000000000000000000000000000004,not a day,2026-02-30,
0x1000000000000000000000000000000000000005,not a time,yesterday,
0x1000000000000000000000000000000000000006,backwards,2026-02-02,2026-02-01
0x1000000000000000000000000000000000000007,${'x'.repeat(501)},,
0x1000000000000000000000000000000000000008,too,many,fields,here
0x1000000000000000000000000000000000000009,local time,2026-01-01T00:00:00,
0x1000000000000000000000000000000000000002,again,,
0x100000000000000000000000000000000000000A,fine too,1970-01-01,2026-01-01T00:00:00.123+02:00
`

test('bad rows are told with their lines and refuse the file: nothing is staged, and its rows are swept', async () => {
  const list = randomUUID()
  const { db, clock } = world.built.services
  while ((await sweepImports(db, clock.now(), 100)) > 0);
  const before = await rowCounts(world.database)
  const { code, stdout } = await provider(list, await fileOf(bad), '--kind', 'deny')
  expect(code).toBe(1)
  expect(stdout.split('\n').map((line) => /^line (\d+): .{10}/.exec(line)?.[1] ?? line.slice(0, 20))).toEqual([
    ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map(String),
    ...['Refused for 11 row(s', ''],
  ])
  expect((await world.client.lists.imports.query({ list })).items).toMatchObject([
    { state: 'discarded', entries: null },
  ])
  while ((await sweepImports(db, clock.now(), 100)) > 0);
  // the list that was made, the import that came to nothing
  expect(growth(before, await rowCounts(world.database))).toEqual({ list: 1, list_import: 1, audit: 2, event: 2 })
})

test('bad rows are left out when that is asked for, and a subject that comes twice counts once', async () => {
  const list = randomUUID()
  const { code, stdout } = await provider(list, await fileOf(bad), '--kind', 'deny', '--skip-bad-rows')
  expect(code).toBe(0)
  expect(stdout).toContain('line 13: ')
  expect(await world.client.lists.preview.query({ importId: importOf(stdout) })).toMatchObject({
    ...{ entries: 2, duplicates: 1, skipped: 11 },
    samples: {
      added: [{ reason: 'fine' }, { validFrom: new Date(0), validUntil: new Date('2025-12-31T22:00:00.123Z') }],
    },
  })
})

test('a reason for all, and a source, stand in where a row has none', async () => {
  const list = randomUUID()
  const file = await fileOf(`subject,reason\n${anyAddress()},\n${anyAddress()},its own\n`)
  const texts = ['--reason', 'named by the board', '--source', 'minutes of May']
  const { code, stdout } = await provider(list, file, '--kind', 'deny', ...texts)
  expect(code).toBe(0)
  const { source, samples } = await world.client.lists.preview.query({ importId: importOf(stdout) })
  expect(source).toBe('minutes of May')
  expect(samples.added.map((one) => one.reason).sort()).toEqual(['its own', 'named by the board'])
})

test.each([
  ['no file', ['--kind', 'deny'], 'needs one FILE'],
  ['two files', ['a', 'b', '--kind', 'deny'], 'needs one FILE'],
  ['no kind', ['a'], 'good --kind'],
  ['another kind', ['a', '--kind', 'grey'], 'good --kind, not "grey"'],
  ['another format', ['a', '--kind', 'deny', '--format', 'pdf'], '--format is one of csv, ofac-xml, ofac-csv'],
  ['an app that is no id', ['a', '--kind', 'deny', '--app', 'mine'], 'good --app, not "mine"'],
  ['an unknown option', ['a', '--kind', 'deny', '--force'], "Unknown option '--force'"],
])('used with %s it says how it is used', async (_, args, complaint) => {
  const all = ['lists', 'import', '--app', world.appId, '--list', 'x', ...args]
  const { code, stderr } = await run('server/cli.ts', all, { DATABASE_URL: world.database.applicationUrl })
  expect(stderr).toContain(complaint)
  expect(code).toBe(2)
})

test.each([
  ['that is not there', null, 'no such file'],
  ['with other columns', 'name,reason\nx,y\n', 'line 1: there is no column "name"'],
  ['that breaks off', 'subject,reason\n0x1000000000000000000000000000000000000001,"r', 'Quote Not Closed'],
])('a file %s is refused', async (_, text, complaint) => {
  const list = randomUUID()
  const { code, stderr } = await provider(list, text === null ? 'nowhere.csv' : await fileOf(text), '--kind', 'deny')
  expect(stderr).toContain(complaint)
  expect(code).toBe(1)
  for (const { state } of (await world.client.lists.imports.query({ list })).items) expect(state).toBe('discarded')
})

test('an app that there is not, or a list of another kind, is refused, and a file without an entry', async () => {
  const list = randomUUID()
  const file = await fileOf(`subject,reason\n${anyAddress()},r\n`)
  expect(await provider(list, file, '--kind', 'deny', '--app', randomUUID())).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('There is no such app') },
  })
  await world.client.lists.create.mutate({ name: list, kind: 'allow' })
  expect(await provider(list, file, '--kind', 'deny')).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('of the kind allow') },
  })
  expect(await provider(list, await fileOf('subject,reason\n'), '--kind', 'allow')).toMatchObject({
    ...{ code: 1, stdout: expect.stringContaining('there is no entry in it') },
  })
})

/** Rows without end are not kept in memory: they come as they are asked for. */
async function* many(count: number, of: (n: number) => string): AsyncGenerator<FileRow> {
  for (let n = 0; n < count; n++)
    yield { line: n + 1, subject: of(n), reason: null, source: null, validFrom: null, validUntil: null }
}
const numbered = (n: number) => `0x${n.toString(16).padStart(40, '0')}`
const stage = (list: string, rows: AsyncIterable<FileRow>, kind: ListKind = 'deny') =>
  importFile(
    world.built.services,
    { kind: 'system', name: 'test' },
    {
      ...{ appId: world.appId, list, kind, rows, source: 'test', reason: 'numbered', skipBadRows: false },
    },
  )

test('a long file is staged in many lots and compared whole, while the list goes on', {
  timeout: 120_000,
}, async () => {
  const list = randomUUID()
  const first = await stage(
    list,
    many(12_001, (n) => numbered(n + 1)),
  )
  expect(first.preview).toMatchObject({ entries: 12_001, added: 12_001, removed: 0, unchanged: 0 })
  expect(first.preview!.samples.added).toHaveLength(100)
  await approved(world, await publication(world, first.preview!))
  expect(await subjectsOf(list)).toHaveLength(100)

  const second = await stage(
    list,
    many(12_000, (n) => numbered(n + 300)),
  )
  expect(second.preview).toMatchObject({ entries: 12_000, added: 298, removed: 299, changed: 0, unchanged: 11_702 })
  expect(second.preview!.samples.removed.map(({ subject }) => subject)).toEqual(
    Array.from({ length: 299 }, (_, n) => getAddress(numbered(n + 1)))
      .sort()
      .slice(0, 100),
  )
  await approved(world, await publication(world, second.preview!))
  const subjects = [1, 299, 300, 12_299, 12_300].map((n) => getAddress(numbered(n)))
  const { listed } = await world.built.services.findListed({ appId: world.appId, subjects })
  expect(listed.map(({ subject }) => subject).sort()).toEqual(subjects.slice(2, 4).sort())
})

test('an import that is discarded while its rows are written writes no more, and is not staged', async () => {
  const list = randomUUID()
  async function* interrupted(): AsyncGenerator<FileRow> {
    for await (const row of many(12_000, (n) => numbered(n + 1))) {
      if (row.line === 6_000) {
        const { items } = await world.client.lists.imports.query({ list })
        await world.client.lists.discard.mutate({ importId: items[0]!.id })
        const { db, clock } = world.built.services
        for (let sweep = 0; sweep < 5; sweep++) await sweepImports(db, clock.now(), 5_000)
      }
      yield row
    }
  }
  await expect(stage(list, interrupted())).rejects.toMatchObject({ code: 'IMPORT_CLOSED' })
  const { items } = await world.client.lists.imports.query({ list })
  expect(items).toMatchObject([{ state: 'discarded' }])
  const left = await world.built.services.db
    .selectFrom('list_entry')
    .select('id')
    .where('snapshot_id', '=', items[0]!.id)
    .execute()
  expect(left).toEqual([])
})
