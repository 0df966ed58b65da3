import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Checkpoint } from '../../../server/contract/audit.ts'
import { checkpointColumns, checkpointOf, signCheckpoint } from '../../../server/domain/audit/checkpoint.ts'
import {
  csvHeader,
  csvOf,
  type ExportedRecord,
  type ExportManifest,
  signManifest,
  textOfManifest,
} from '../../../server/domain/audit/export-format.ts'
import { exportRecords } from '../../../server/domain/audit/export-records.ts'
import { type AuditKey, auditKey, publicKeysOf } from '../../../server/domain/audit/keys.ts'
import { grow, rootOf, type Tree } from '../../../server/domain/audit/merkle-tree.ts'
import { leafHash } from '../../../server/domain/audit/trail.ts'
import { verifyExport } from '../../../server/domain/audit/verify-export.ts'
import { testDatabase } from '../../support/database.ts'
import { type Choices, pick, tamper } from './support/tampering.ts'
import { key, publicKeys, seal, writeTrail } from './support/trails.ts'

// What somebody does to an export who lacks the key.

const RUNS = process.env.SOAK ? 10_000 : 150
/** Milliseconds, on a machine that is busy. */
const PATIENCE = RUNS * 400

type Files = Map<string, Buffer>

let directory: string
/** Of one app, of another, and of all. */
let exports: [Files, Files, Files]
let checkpoints: Checkpoint[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'provider-tampering-'))
  await using database = await testDatabase()
  const { db } = database
  const apps = [randomUUID(), randomUUID()]
  for (const leaves of [3, 8, 1, 5, 2, 6, 4]) {
    await writeTrail(db, leaves, pick(apps, leaves))
    await seal(db)
  }
  const rows = await db.selectFrom('audit_checkpoint').select(checkpointColumns).orderBy('number').execute()
  checkpoints = rows.map(checkpointOf)
  const exported = async (app: string | null): Promise<Files> => {
    const place = join(directory, randomUUID())
    const request = { directory: place, app, from: null, to: null, key, publicKeys, now: new Date() }
    await exportRecords(db, request)
    expect((await verifyExport(place, publicKeys, checkpoints)).faults).toEqual([])
    const names = await readdir(place)
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(place, name))] as const)))
  }
  exports = [await exported(apps[0]!), await exported(apps[1]!), await exported(null)]
})
afterAll(() => rm(directory, { recursive: true }))

const linesOf = (files: Files, name: string) => files.get(name)!.toString().trimEnd().split('\n').filter(Boolean)
const setLines = (files: Files, name: string, lines: string[]) =>
  files.set(name, Buffer.from(lines.map((line) => `${line}\n`).join('')))
const recordsOf = (files: Files): ExportedRecord[] => linesOf(files, 'records.jsonl').map((line) => JSON.parse(line))
const manifestOf = (files: Files): ExportManifest => JSON.parse(files.get('manifest.json')!.toString())
const setManifest = (files: Files, manifest: ExportManifest) =>
  files.set('manifest.json', Buffer.from(textOfManifest(manifest)))

/** Everything but signatures, made right for these records. */
function setRecords(files: Files, records: ExportedRecord[]) {
  setLines(
    files,
    'records.jsonl',
    records.map((record) => JSON.stringify(record)),
  )
  const table = records.map((record) => csvOf(JSON.parse(record.body), record)).join('')
  files.set('records.csv', Buffer.from(csvHeader + table))
  reseal(files, { records: records.length })
}

/** The manifest with the hashes that the files have now. */
function reseal(files: Files, changes: Partial<ExportManifest> = {}) {
  const manifest = { ...manifestOf(files), ...changes }
  for (const [name, bytes] of files)
    if (name in manifest.files)
      manifest.files[name as keyof ExportManifest['files']] = {
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }
  setManifest(files, manifest)
}

/** A record whose bytes say something else, with the hash and what follows from it for its object. */
function rewritten(records: ExportedRecord[], { a, b }: Choices): ExportedRecord[] {
  const { index: first, stream } = pick(records, a)
  let previous: string | null = null
  return records.map((record) => {
    if (record.stream !== stream || record.index < first) return record
    const said = JSON.parse(record.body)
    if (record.index === first) said.data.amount = String(b + 77_000_000)
    if (previous) said.previous = previous
    const body = JSON.stringify(said)
    previous = leafHash(Buffer.from(body)).toString('hex')
    return { ...record, body, hash: previous }
  })
}

/** Signs it anew with whatever key: with a root that fits, when every record is there. */
function signAgain(files: Files, signer: AuditKey) {
  const tree: Tree = { size: 0, peaks: [] }
  for (const { hash } of recordsOf(files)) grow(tree, Buffer.from(hash, 'hex'))
  const { key: _, signature, ...manifest } = manifestOf(files)
  const { v, key: _key, signature: _signature, ...said } = manifest.checkpoint
  const root = tree.size === said.size ? rootOf(tree).toString('hex') : said.root
  const checkpoint = signCheckpoint({ ...said, root }, signer)
  setManifest(files, signManifest({ ...manifest, checkpoint }, signer))
}

const bytesOfFile = (files: Files, choice: number): [name: string, bytes: Buffer] => {
  const named = [...files].filter(([, bytes]) => bytes.length > 0)
  const [name, bytes] = pick(named, choice)
  return [name, Buffer.from(bytes)]
}

const tamperings: Record<string, (files: Files, choices: Choices) => unknown> = {
  'a byte of a file': (files, { a, b, c }) => {
    const [name, bytes] = bytesOfFile(files, a)
    const at = b % bytes.length
    bytes[at] = (bytes[at]! + 1 + (c % 255)) % 256
    files.set(name, bytes)
  },
  'a file cut short': (files, { a, b }) => {
    const [name, bytes] = bytesOfFile(files, a)
    files.set(name, bytes.subarray(0, b % bytes.length))
  },
  'a file made longer': (files, { a, b }) => {
    const [name, bytes] = bytesOfFile(files, a)
    files.set(name, Buffer.concat([bytes, Buffer.from(pick([' ', '\n', 'x', '{}\n'], b))]))
  },
  'a file taken away': (files, { a }) => files.delete(pick([...files.keys()], a)),
  "files that have each other's names": (files, { a, b }) => {
    const names = [...files.keys()]
    const [one, other] = [pick(names, a), pick(names, a + 1 + (b % 3))]
    const bytes = files.get(one)!
    files.set(one, files.get(other)!)
    files.set(other, bytes)
  },
  'a file of another export': (files, { a, b }) => {
    const name = pick([...files.keys()], a)
    const other = pick(
      exports.filter((each) => !each.get(name)!.equals(files.get(name)!)),
      b,
    )
    files.set(name, other.get(name)!)
  },
  'a line taken away': (files, { a, b }) => {
    const name = pick(['records.jsonl', 'records.csv'], a)
    const lines = linesOf(files, name)
    setLines(files, name, lines.toSpliced(b % lines.length, 1))
  },
  'two lines swapped': (files, { a, b, c }) => {
    const name = pick(['records.jsonl', 'records.csv'], a)
    const lines = linesOf(files, name)
    const [one, other] = [b % lines.length, (b + 1 + (c % (lines.length - 1))) % lines.length]
    setLines(files, name, lines.with(one, lines[other]!).with(other, lines[one]!))
  },
  'a line that is there twice': (files, { a, b }) => {
    const name = pick(['records.jsonl', 'records.csv'], a)
    const lines = linesOf(files, name)
    setLines(files, name, lines.toSpliced(b % lines.length, 0, lines[b % lines.length]!))
  },
  'a record edited': (files, { a, b }) => {
    const records = recordsOf(files)
    const record = pick(records, a)
    const body = record.body.replace(/"amount":"\d+"/, `"amount":"${b + 77_000_000}"`)
    setLines(
      files,
      'records.jsonl',
      records.map((each) => JSON.stringify(each === record ? { ...each, body } : each)),
    )
  },
  'a record edited, and the table with it': (files, choices) => {
    const { sha256 } = manifestOf(files).files['records.csv']
    setRecords(files, rewritten(recordsOf(files), choices))
    expect(manifestOf(files).files['records.csv'].sha256).not.toBe(sha256)
  },
  'a record edited with every hash, all signed with another key': (files, choices) => {
    setRecords(files, rewritten(recordsOf(files), choices))
    signAgain(files, auditKey('other', Buffer.alloc(32, 9)))
  },
  'a record edited with every hash, all signed with another key under the name of ours': (files, choices) => {
    setRecords(files, rewritten(recordsOf(files), choices))
    signAgain(files, auditKey(key.id, Buffer.alloc(32, 9)))
  },
  'nothing but the signatures, by another key': (files, { a }) =>
    signAgain(files, auditKey(pick([key.id, 'other'], a), Buffer.alloc(32, 9))),
  'a record taken away, and the manifest with it': (files, { a }) => {
    const records = recordsOf(files)
    setRecords(files, records.toSpliced(a % records.length, 1))
  },
  "two records that have each other's bodies": (files, { a, b }) => {
    const records = recordsOf(files)
    const [one, other] = [a % records.length, (a + 1 + (b % (records.length - 1))) % records.length]
    const swap = (to: number, from: number) => ({
      ...records[to]!,
      body: records[from]!.body,
      hash: records[from]!.hash,
    })
    setRecords(files, records.with(one, swap(one, other)).with(other, swap(other, one)))
  },
  'an invented record': (files, { a, b }) => {
    const records = recordsOf(files)
    const model = pick(records, a)
    const said = { ...JSON.parse(model.body), object: randomUUID(), sequence: 1, previous: '0'.repeat(64) }
    const body = JSON.stringify(said)
    const invented = {
      ...model,
      stream: said.object,
      sequence: 1,
      body,
      hash: leafHash(Buffer.from(body)).toString('hex'),
    }
    setRecords(
      files,
      b % 2 === 0
        ? [...records, { ...invented, index: manifestOf(files).checkpoint.size }]
        : records.with(records.indexOf(model), invented),
    )
  },
  'a cell of the table': (files, { a, b }) => {
    const lines = linesOf(files, 'records.csv')
    const at = 1 + (a % (lines.length - 1))
    const cells = lines[at]!.split(',')
    cells[b % 8] = `${cells[b % 8]}1`
    setLines(files, 'records.csv', lines.with(at, cells.join(',')))
    reseal(files)
  },
  'the checkpoint before in place of the last': (files, { a }) =>
    setManifest(files, { ...manifestOf(files), checkpoint: pick(checkpoints.slice(0, -1), a) }),
  'the records up to a checkpoint before': (files, { a }) => {
    const checkpoint = pick(checkpoints.slice(0, -1), a)
    setRecords(
      files,
      recordsOf(files).filter(({ index }) => index < checkpoint.size),
    )
    const nodes = linesOf(files, 'tree.jsonl').filter((line) => {
      const { level, index } = JSON.parse(line)
      return (index + 1) * 2 ** level <= checkpoint.size
    })
    setLines(files, 'tree.jsonl', nodes)
    reseal(files, { checkpoint })
  },
  'a field of the manifest': (files, { a, b }) => {
    const manifest = manifestOf(files)
    const changes: Partial<ExportManifest>[] = [
      { app: randomUUID() },
      { app: manifest.app === null ? randomUUID() : null },
      { from: '2020-01-01T00:00:00.000Z' },
      { to: '2100-01-01T00:00:00.000Z' },
      { exportedAt: new Date(b).toISOString() },
      { records: manifest.records + 1 + (b % 5) },
      { unsealed: manifest.unsealed + 1 },
      { publicKeys: {} },
      { key: `k${b}` },
      { signature: createHash('sha512').update(String(b)).digest('hex') },
      { checkpoint: { ...manifest.checkpoint, size: manifest.checkpoint.size + 1 } },
      { checkpoint: { ...manifest.checkpoint, sealedAt: new Date(b).toISOString() } },
      { checkpoint: { ...manifest.checkpoint, number: manifest.checkpoint.number + 1 } },
    ]
    setManifest(files, { ...manifest, ...pick(changes, a) })
  },
  'a hash of the tree': (files, { a, b }) => {
    const lines = linesOf(files, 'tree.jsonl')
    if (lines.length === 0)
      return setLines(files, 'tree.jsonl', [JSON.stringify({ level: 0, index: 0, hash: '0'.repeat(64) })])
    const node = JSON.parse(pick(lines, a))
    const changes = [
      { hash: createHash('sha256').update(String(b)).digest('hex') },
      { level: node.level + 1 },
      { index: node.index + 1 },
    ]
    setLines(files, 'tree.jsonl', lines.with(a % lines.length, JSON.stringify({ ...node, ...pick(changes, b) })))
    return reseal(files)
  },
}

async function faultsOf(files: Files, keys = publicKeys, kept: Checkpoint[] = []) {
  const place = join(directory, randomUUID())
  await mkdir(place)
  try {
    for (const [name, bytes] of files) await writeFile(join(place, name), bytes)
    return (await verifyExport(place, keys, kept)).faults
  } finally {
    await rm(place, { recursive: true })
  }
}

const sameFiles = (one: Files, other: Files) =>
  one.size === other.size && [...one].every(([name, bytes]) => other.get(name)?.equals(bytes))

test(
  'whatever is done to an export is found',
  async () => {
    const names = Object.keys(tamperings)
    const done = new Map(names.map((name) => [name, 0]))
    await tamper('an export', RUNS, async (choices) => {
      const name = pick(names, choices.kind)
      const original = pick(exports, Math.floor(choices.kind / names.length))
      const files: Files = new Map(original)
      tamperings[name]!(files, choices)
      expect(sameFiles(files, original), name).toBe(false)
      const faults = await faultsOf(files)
      expect(faults, name).not.toEqual([])
      for (const { where, fault } of faults)
        expect([where, fault]).toEqual([expect.any(String), expect.stringMatching(/\w+ \w+/)])
      done.set(name, done.get(name)! + 1)
    })
    expect([...done].filter(([, count]) => count === 0)).toEqual([])
  },
  PATIENCE,
)

test('an export is not believed with another key, nor with none', async () => {
  for (const files of exports) {
    expect(await faultsOf(files)).toEqual([])
    const ours = publicKeys.get(key.id)!
    const others = publicKeysOf([auditKey(key.id, Buffer.alloc(32, 9))])
    for (const keys of [new Map(), new Map([['other', ours]]), others])
      expect(await faultsOf(files, keys)).toEqual([
        { where: 'manifest.json', fault: expect.stringContaining('sign') },
        { where: `checkpoint ${checkpoints.length}`, fault: expect.stringContaining('sign') },
      ])
  }
})

test('whoever has the key is found out by a checkpoint that was kept outside', async () => {
  const files: Files = new Map(exports[2])
  setRecords(files, rewritten(recordsOf(files), { kind: 0, a: 3, b: 4, c: 5 }))
  signAgain(files, key)
  expect(await faultsOf(files)).toEqual([])
  expect(await faultsOf(files, publicKeys, checkpoints)).toEqual([
    { where: `checkpoint ${checkpoints.length}`, fault: 'it is not the one that was kept outside' },
  ])
})
