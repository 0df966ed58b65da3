import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint } from '../../contract/audit.ts'
import { checkpointFault, lineOf } from './checkpoint.ts'
import {
  csvHeader,
  csvOf,
  type DataFile,
  dataFiles,
  type ExportedNode,
  type ExportedRecord,
  type ExportManifest,
  type FileSeal,
  manifestFault,
  manifestForm,
  type Said,
  textOfManifest,
} from './export-format.ts'
import type { PublicKeys } from './keys.ts'
import { grow, rootOf, type Tree } from './merkle-tree.ts'
import { leafHash } from './trail.ts'
import type { LogFault } from './verify-log.ts'

/** What a verification of an export found. */
export interface ExportReport {
  /** Null when it cannot be read. */
  manifest: ExportManifest | null
  records: number
  faults: LogFault[]
}

/** More are not told. */
const MOST_FAULTS = 1_000

/**
 * Verifies an export by nothing but itself and public keys: the signatures, each file, each record and the link to the record before
 * of its object, and that records and tree together have the root of the checkpoint.
 *
 * @param kept checkpoints that were kept outside of the database
 */
export async function verifyExport(
  directory: string,
  keys: PublicKeys,
  kept: readonly Checkpoint[] = [],
): Promise<ExportReport> {
  const report: ExportReport = { manifest: null, records: 0, faults: [] }
  const faulty = (where: string, fault: string) => {
    if (report.faults.length < MOST_FAULTS) report.faults.push({ where, fault })
  }
  const manifest = await readManifest(directory)
  if (typeof manifest === 'string') {
    faulty('manifest.json', manifest)
    return report
  }
  report.manifest = manifest
  const { checkpoint } = manifest
  const unsigned = manifestFault(manifest, keys)
  if (unsigned) faulty('manifest.json', unsigned)
  const unsealed = checkpointFault(checkpoint, keys)
  if (unsealed) faulty(`checkpoint ${checkpoint.number}`, unsealed)
  if (kept.some((one) => one.number === checkpoint.number && lineOf(one) !== lineOf(checkpoint)))
    faulty(`checkpoint ${checkpoint.number}`, 'it is not the one that was kept outside')

  const seals = {} as Record<DataFile, FileSeal>
  const tables = createHash('sha256').update(csvHeader)
  const judge = judgeOfRecords(manifest, faulty)
  try {
    const nodes = linesOf(join(directory, 'tree.jsonl'), (seal) => {
      seals['tree.jsonl'] = seal
    })
    const tree = treeOf(nodes, checkpoint, faulty)
    const lines = linesOf(join(directory, 'records.jsonl'), (seal) => {
      seals['records.jsonl'] = seal
    })
    for await (const some of lines)
      for (const line of some) {
        const record = judge(line, ++report.records)
        if (!record) continue
        tables.update(csvOf(record.said, record))
        await tree.take(record)
      }
    await tree.end()
    for await (const _ of linesOf(join(directory, 'records.csv'), (seal) => {
      seals['records.csv'] = seal
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    faulty(directory, `it cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  for (const name of dataFiles)
    if (seals[name]?.sha256 !== manifest.files[name].sha256 || seals[name]?.bytes !== manifest.files[name].bytes)
      faulty(name, 'it is not the file of the manifest')
  if (seals['records.csv']?.sha256 !== tables.digest('hex'))
    faulty('records.csv', 'it does not say what the records say')
  if (report.records !== manifest.records)
    faulty('records.jsonl', `it has ${report.records} records, the manifest speaks of ${manifest.records}`)
  return report
}

/** The manifest, or what is wrong with it. */
async function readManifest(directory: string): Promise<ExportManifest | string> {
  try {
    const text = await readFile(join(directory, 'manifest.json'), 'utf8')
    const parsed = manifestForm.safeParse(JSON.parse(text))
    return parsed.success && textOfManifest(parsed.data) === text
      ? parsed.data
      : 'it does not have the form of a manifest'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code ? `it cannot be read (${code})` : 'it is not JSON'
  }
}

type Faulty = (where: string, fault: string) => void

/** What the first leaf of an object carries as the hash of the leaf before. */
const noHash = '0'.repeat(64)

/** Judges each record by itself, and by the record of its object before it. */
function judgeOfRecords({ app, from, to, checkpoint }: ExportManifest, faulty: Faulty) {
  const last = new Map<string, { sequence: number; hash: string }>()
  let index = -1
  return (line: string, number: number): (ExportedRecord & { said: Said }) | null => {
    const where = `record ${number}`
    const record = parse(line)
    const said = isRecord(record) ? parse(record.body) : null
    if (!isRecord(record) || !isObject(said) || !isObject(said.data)) {
      faulty(where, 'it cannot be read')
      return null
    }
    const { stream, sequence, body } = record
    if (record.hash !== leafHash(Buffer.from(body)).toString('hex')) faulty(where, 'its bytes do not have its hash')
    if (said.object !== stream || said.sequence !== sequence || said.app !== record.app)
      faulty(where, 'its bytes speak of another record')
    const at = String(said.at)
    if ((app !== null && record.app !== app) || (from !== null && at < from) || (to !== null && at >= to))
      faulty(where, 'it is none of those that the manifest speaks of')
    if (!(record.index > index) || record.index >= checkpoint.size) faulty(where, 'it is not at its place')
    index = record.index
    const before = sequence === 1 ? { sequence: 0, hash: noHash } : last.get(stream)
    if (sequence === (before?.sequence ?? sequence) + 1 && said.previous !== before?.hash)
      faulty(where, 'it is not chained to the record before')
    last.set(stream, { sequence, hash: record.hash })
    return { ...record, said: said as unknown as Said }
  }
}

/** Grows the tree from the records and from what is not theirs, in the order of the log. */
function treeOf(lines: AsyncGenerator<string[]>, { size, root }: Checkpoint, faulty: Faulty) {
  const tree: Tree = { size: 0, peaks: [] }
  let holds = true
  let [nodes, at]: [string[], number] = [[], 0]
  const broken = (fault: string) => {
    if (holds) faulty('tree.jsonl', fault)
    holds = false
  }
  async function nextNode(): Promise<ExportedNode | null> {
    while (at >= nodes.length) {
      const { value, done } = await lines.next()
      if (done) return null
      ;[nodes, at] = [value, 0]
    }
    const node = parse(nodes[at++]!)
    return isNode(node) ? node : { level: 0, index: -1, hash: '' }
  }
  /** Takes in what is not in the export, up to this leaf. */
  async function upTo(leaf: number): Promise<void> {
    while (holds && tree.size < leaf) {
      const node = await nextNode()
      const fits = node && node.index * 2 ** node.level === tree.size && tree.size + 2 ** node.level <= leaf
      if (!fits) broken(`it does not go on at leaf ${tree.size}`)
      else grow(tree, Buffer.from(node.hash, 'hex'), node.level)
    }
  }
  return {
    async take({ index, body }: ExportedRecord): Promise<void> {
      await upTo(index)
      if (tree.size === index) grow(tree, leafHash(Buffer.from(body)))
      else broken(`it does not end where leaf ${index} begins`)
    },
    async end(): Promise<void> {
      await upTo(size)
      if (holds && rootOf(tree).toString('hex') !== root)
        broken('with the records it does not have the root of the checkpoint')
      if ((await nextNode()) !== null) broken('it has more than belongs to it')
      for await (const _ of lines);
    },
  }
}

/** What a text says; null for one that says nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

const isRecord = (value: unknown): value is ExportedRecord =>
  isObject(value) &&
  [value.index, value.sequence].every((number) => Number.isSafeInteger(number)) &&
  [value.stream, value.app, value.body].every((text) => typeof text === 'string') &&
  isHash(value.hash)

const isNode = (value: unknown): value is ExportedNode =>
  isObject(value) &&
  [value.level, value.index].every((number) => Number.isSafeInteger(number) && Number(number) >= 0) &&
  isHash(value.hash)

/** The lines of a file, as many at a time as come with a chunk of it, and at its end what the file is. */
async function* linesOf(path: string, onEnd: (seal: FileSeal) => void): AsyncGenerator<string[]> {
  const digest = createHash('sha256')
  let [bytes, rest]: [number, Buffer] = [0, Buffer.alloc(0)]
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    digest.update(chunk)
    bytes += chunk.length
    const end = chunk.lastIndexOf(10)
    if (end < 0) rest = Buffer.concat([rest, chunk])
    else {
      const whole = Buffer.concat([rest, chunk.subarray(0, end)])
      rest = chunk.subarray(end + 1)
      yield whole.toString().split('\n')
    }
  }
  if (rest.length > 0) yield [rest.toString()]
  onEnd({ bytes, sha256: digest.digest('hex') })
}
