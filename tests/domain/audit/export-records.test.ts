import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportRecords } from '../../../server/domain/audit/export-records.ts'
import { verifyExport } from '../../../server/domain/audit/verify-export.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { testDatabase } from '../../support/database.ts'
import { key, publicKeys, seal, writeTrail } from './support/trails.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'provider-export-'))
})
afterAll(() => rm(directory, { recursive: true }))

type Database = Awaited<ReturnType<typeof testDatabase>>['db']
type Range = Partial<Pick<Parameters<typeof exportRecords>[1], 'app' | 'from' | 'to'>>

/** Exports, verifies, and reads what was written. */
async function exported(db: Database, range: Range = {}) {
  const place = join(directory, randomUUID())
  const all = { app: null, from: null, to: null, directory: place, key, publicKeys, now: new Date() }
  const manifest = await exportRecords(db, { ...all, ...range })
  const report = await verifyExport(place, publicKeys)
  expect(report.faults).toEqual([])
  expect(report).toMatchObject({ manifest, records: manifest.records })
  const text = async (name: string) => (await readFile(join(place, name))).toString()
  const lines = async (name: string) => (await text(name)).split('\n').filter(Boolean)
  return {
    place,
    manifest,
    records: (await lines('records.jsonl')).map((line) => JSON.parse(line)),
    nodes: (await lines('tree.jsonl')).map((line) => JSON.parse(line)),
    rows: parseCsv(await text('records.csv')),
    text: (await Promise.all((await readdir(place)).map(text))).join(''),
  }
}

/** RFC 4180: rows by the names in the first. */
function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!)
    if (end === '\r\n') rows.push([])
  }
  const [header, ...others] = rows.slice(0, -1)
  return others.map((row) => Object.fromEntries(header!.map((name, index) => [name, row[index]!])))
}

test('of everything: each leaf once, in the order of the log; the tree needs nothing else', async () => {
  await using database = await testDatabase()
  const { db } = database
  for (const leaves of [3, 5, 1]) {
    await writeTrail(db, leaves)
    await seal(db)
  }
  await writeTrail(db, 2)
  const { manifest, records, nodes } = await exported(db)
  expect(manifest).toMatchObject({ v: 1, app: null, from: null, to: null, records: 9, unsealed: 2, key: 'test' })
  expect(manifest.checkpoint).toMatchObject({ number: 3, size: 9 })
  expect(manifest.publicKeys).toEqual({ test: expect.stringMatching(/^[\w-]{43}$/) })
  expect(records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(nodes).toEqual([])
  const leaves = await db.selectFrom('audit').select(['stream', 'sequence', 'app_id', 'body', 'hash']).execute()
  for (const { index: _, ...record } of records)
    expect(
      leaves.map((leaf) => ({
        stream: leaf.stream,
        sequence: Number(leaf.sequence),
        app: leaf.app_id,
        hash: leaf.hash.toString('hex'),
        body: leaf.body.toString(),
      })),
    ).toContainEqual(record)
})

test('the table has what an auditor asks for, and no formula', async () => {
  await using database = await testDatabase()
  const { db } = database
  const [app, at] = [randomUUID(), new Date('2026-11-05T06:07:08.009Z')]
  const object = await writeTrail(db, 2, app, at)
  await seal(db)
  const { rows, records } = await exported(db)
  expect(rows).toHaveLength(2)
  expect(rows[1]).toMatchObject({
    time: '2026-11-05T06:07:08.009Z',
    index: '1',
    app,
    actor: 'system:test',
    action: 'app.updated',
    object_type: 'app',
    object,
    sequence: '2',
    reason: "'=1+1",
    decision: '',
    amount: '1000',
    hash: records[1].hash,
  })
  expect(rows[0]!.reason).toBe('a, "b"')
  expect(JSON.parse(rows[1]!.data!)).toEqual(JSON.parse(records[1].body).data)
})

test('of one app: nothing of the others but hashes over them', async () => {
  await using database = await testDatabase()
  const { db } = database
  const [mine, theirs] = [randomUUID(), randomUUID()]
  const others: string[] = []
  for (const leaves of [3, 1, 4, 1, 5, 9, 2, 6]) {
    if (leaves % 2 === 0) await writeTrail(db, leaves, mine)
    else others.push(await writeTrail(db, leaves, theirs))
    await seal(db)
  }
  const { manifest, records, nodes, text } = await exported(db, { app: mine })
  expect(manifest).toMatchObject({ app: mine, records: 12, checkpoint: { size: 31 } })
  expect(records.every(({ app }) => app === mine)).toBe(true)
  expect(nodes.length).toBeGreaterThan(0)
  for (const id of [theirs, ...others]) expect(text).not.toContain(id)

  const nobody = await exported(db, { app: randomUUID() })
  expect(nobody.manifest.records).toBe(0)
  expect(nobody.nodes.map(({ level }) => level)).toEqual([4, 3, 2, 1, 0])
})

test('of a time: from the first moment on, before the last', async () => {
  await using database = await testDatabase()
  const { db } = database
  const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 0, 0, second))
  for (const second of [3, 1, 2, 4, 5]) {
    await writeTrail(db, 1, randomUUID(), at(second))
    if (second !== 2) await seal(db)
  }
  const seconds = async (range: Range) =>
    (await exported(db, range)).records.map(({ body }) => new Date(JSON.parse(body).at).getUTCSeconds()).sort()
  expect(await seconds({ from: at(2), to: at(4) })).toEqual([2, 3])
  expect(await seconds({ from: at(4) })).toEqual([4, 5])
  expect(await seconds({ to: at(2) })).toEqual([1])
  expect(await seconds({ from: at(6) })).toEqual([])
})

test('whichever leaves are whose, every export is proven', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ app: fc.nat(3), leaves: fc.integer({ min: 1, max: 40 }), seals: fc.boolean() }), {
        minLength: 1,
        maxLength: 14,
      }),
      async (trails) => {
        await using database = await testDatabase()
        const { db } = database
        const apps = [0, 1, 2, 3].map(() => randomUUID())
        for (const { app, leaves, seals } of trails) {
          await writeTrail(db, leaves, apps[app]!)
          if (seals) await seal(db)
        }
        await seal(db)
        for (const [n, app] of apps.entries()) {
          const { manifest } = await exported(db, { app })
          expect(manifest.records).toBe(
            trails.filter((trail) => trail.app === n).reduce((sum, { leaves }) => sum + leaves, 0),
          )
        }
      },
    ),
    { numRuns: process.env.SOAK ? 100 : 5 },
  )
}, 60_000)

test('more than is read at a time, with gaps that are read as few hashes', async () => {
  await using database = await testDatabase()
  const { db } = database
  const mine = randomUUID()
  for (const [leaves, app] of [
    [1, mine],
    [1500, randomUUID()],
    [2100, mine],
    [700, randomUUID()],
  ] as const) {
    await writeTrail(db, leaves, app)
    await seal(db)
  }
  expect((await exported(db)).manifest.records).toBe(4301)
  const { manifest, nodes } = await exported(db, { app: mine })
  expect(manifest.records).toBe(2101)
  expect(nodes.length).toBeLessThan(40)
}, 60_000)

test('a directory with something in it, a log with nothing in it, a leaf that is gone: said, and nothing is signed', async () => {
  await using database = await testDatabase()
  const { db } = database
  await expect(exported(db)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await writeTrail(db, 3)
  await seal(db)
  const { place } = await exported(db)
  const request = { app: null, from: null, to: null, key, publicKeys, now: new Date() }
  await expect(exportRecords(db, { ...request, directory: place })).rejects.toThrow('is not empty')

  await withAdmin(database.adminUrl, (admin) => admin.query('delete from audit where sequence = 2'))
  const again = join(directory, randomUUID())
  await expect(exportRecords(db, { ...request, directory: again })).rejects.toThrow(/leaf 2 of .* is gone/)
  expect(await readdir(again)).not.toContain('manifest.json')
})

test('what is no export is said to be none', async () => {
  const place = await mkdtemp(join(directory, 'none-'))
  const faults = async () => (await verifyExport(place, publicKeys)).faults
  expect(await faults()).toEqual([{ where: 'manifest.json', fault: 'it cannot be read (ENOENT)' }])
  for (const [text, fault] of [
    ['{', 'it is not JSON'],
    ['{}', 'it does not have the form of a manifest'],
    ['null', 'it does not have the form of a manifest'],
  ]) {
    await writeFile(join(place, 'manifest.json'), text!)
    expect(await faults()).toEqual([{ where: 'manifest.json', fault }])
  }
})
