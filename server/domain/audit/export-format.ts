import * as z from 'zod'
import type { Checkpoint } from '../../contract/audit.ts'
import { checkpointShape } from '../../schemas/audit.ts'
import type { AuditKey, PublicKeys } from './keys.ts'
import { signatureFault, signDocument } from './signed-document.ts'

// An export is a directory of four files, which with a public key prove each other:
//   records.jsonl   the leaves, in the order of the log
//   tree.jsonl      what of the tree is not theirs: with their hashes it gives the root of the checkpoint
//   records.csv     the same records, for people
//   manifest.json   what was exported, the checkpoint, and the hash of each file; signed

/** A line of `records.jsonl`: a leaf, and its place in the log. */
export interface ExportedRecord {
  index: number
  stream: string
  sequence: number
  app: string
  /** SHA-256 of a zero byte and `body`, in hex. */
  hash: string
  /** The canonical bytes (RFC 8785). */
  body: string
}

/** A line of `tree.jsonl`: the root of the 2^level leaves from index · 2^level on, none of which is in the export. */
export interface ExportedNode {
  level: number
  index: number
  hash: string
}

export const dataFiles = ['records.jsonl', 'tree.jsonl', 'records.csv'] as const
export type DataFile = (typeof dataFiles)[number]

/** What is known of a file without reading it. */
export interface FileSeal {
  bytes: number
  /** In hex. */
  sha256: string
}

export interface ExportManifest {
  v: 1
  /** The app whose records were exported; null for all. */
  app: string | null
  /** Of records from this moment on, and before that one; null is all. */
  from: string | null
  to: string | null
  exportedAt: string
  records: number
  /** Leaves of the range that were not sealed yet: they are not part of it. */
  unsealed: number
  checkpoint: Checkpoint
  files: Record<DataFile, FileSeal>
  /** Public keys by their ids, to be compared with those one was given; nobody should believe them from here. */
  publicKeys: Record<string, string>
  key: string
  signature: string
}

const seal = z.strictObject({ bytes: z.int().min(0), sha256: z.hex().length(64) })

/** The form of a manifest that comes from outside. */
export const manifestForm = z.strictObject({
  v: z.literal(1),
  app: z.string().nullable(),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  exportedAt: z.iso.datetime(),
  records: z.int().min(0),
  unsealed: z.int().min(0),
  checkpoint: checkpointShape.strict(),
  files: z.strictObject({ 'records.jsonl': seal, 'tree.jsonl': seal, 'records.csv': seal }),
  publicKeys: z.record(z.string(), z.string()),
  key: z.string(),
  signature: z.hex().length(128),
}) satisfies z.ZodType<ExportManifest>

/** A manifest as it is written, always the same. */
export const textOfManifest = (manifest: ExportManifest): string => `${JSON.stringify(manifest, null, 2)}\n`

const about = 'audit export'

export const signManifest = (manifest: Omit<ExportManifest, 'key' | 'signature'>, key: AuditKey): ExportManifest =>
  signDocument(about, manifest, key)

/** What is wrong with the signature of a manifest; null when it is good. */
export const manifestFault = (manifest: ExportManifest, keys: PublicKeys): string | null =>
  signatureFault(about, manifest, keys)

/** What is asked for: the fields of a leaf that have a column of their own, by their names in it. */
const columns: Record<string, (said: Said, record: ExportedRecord) => unknown> = {
  time: ({ at }) => at,
  index: (_, { index }) => index,
  app: (_, { app }) => app,
  actor: ({ actor }) => actor,
  action: ({ action }) => action,
  object_type: ({ type }) => type,
  object: (_, { stream }) => stream,
  sequence: (_, { sequence }) => sequence,
  reason: ({ data }) => data.reason ?? data.note,
  decision: ({ data }) => data.decision,
  state: ({ data }) => data.state,
  amount: ({ data }) => data.amount ?? data.price,
  asset: ({ data }) => data.asset,
  chain: ({ data }) => data.chain,
  payer: ({ data }) => data.payer,
  recipient: ({ data }) => data.recipient,
  list: ({ data }) => data.list,
  approval: ({ data }) => data.approval,
  requested_by: ({ data }) => data.requestedBy,
  transaction_hash: ({ data }) => data.transactionHash,
  data: ({ data }) => JSON.stringify(data),
  hash: (_, { hash }) => hash,
}

/** What the bytes of a leaf say, as far as the table for people needs it. */
export interface Said {
  at?: unknown
  actor?: unknown
  action?: unknown
  type?: unknown
  data: Record<string, unknown>
}

export const csvHeader = csvLine(Object.keys(columns))

/** A record as a line of the table for people. */
export const csvOf = (said: Said, record: ExportedRecord): string =>
  csvLine(Object.values(columns).map((cell) => cell(said, record)))

/** RFC 4180. What a spreadsheet would take for a formula is marked as text. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
