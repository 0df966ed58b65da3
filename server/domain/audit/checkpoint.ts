import { hash, sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { CheckpointRow } from '../../../db/schema.ts'
import type { AuditKey, PublicKeys } from './keys.ts'

/** A signed statement about the log: this many leaves, with this root, after that checkpoint. Hashes are hex. */
export interface Checkpoint {
  v: 1
  /** 1, 2, 3 … without a gap. */
  number: number
  /** Leaves in the log. */
  size: number
  root: string
  /** The hash of the checkpoint before; of the first, 32 zero bytes. */
  previous: string
  sealedAt: string
  /** Id of the key that signed it. */
  key: string
  /** Ed25519, over the canonical bytes (RFC 8785) of everything else. */
  signature: string
}

/** What comes before the first checkpoint. */
export const noCheckpoint = '0'.repeat(64)

/** Signs a statement about the log. */
export function signCheckpoint(
  statement: Omit<Checkpoint, 'v' | 'key' | 'signature'>,
  { id, privateKey }: AuditKey,
): Checkpoint {
  const said = { v: 1 as const, ...statement, key: id }
  return { ...said, signature: sign(null, bytesOf(said), privateKey).toString('hex') }
}

/** What is wrong with the signature of a checkpoint; null when it is good. */
export function signatureFault(checkpoint: Checkpoint, keys: PublicKeys): string | null {
  const key = keys.get(checkpoint.key)
  if (!key) return `it is signed with the key "${checkpoint.key}", whose public half was not given`
  return verify(null, bytesOf(checkpoint), key, Buffer.from(checkpoint.signature, 'hex'))
    ? null
    : 'its signature is not one of its key'
}

/** What the next checkpoint carries of this one. */
export const checkpointHash = (checkpoint: Checkpoint): string => hash('sha256', bytesOf(checkpoint), 'hex')

/** A checkpoint as a line of text, always with the same bytes. */
export const lineOf = (checkpoint: Checkpoint): string => `${canonicalize(checkpoint)}\n`

function bytesOf({ v, number, size, root, previous, sealedAt, key }: Omit<Checkpoint, 'signature'>): Buffer {
  const about = 'provider-service audit checkpoint'
  return Buffer.from(canonicalize({ about, v, number, size, root, previous, sealedAt, key })!)
}

/** The form of a checkpoint that comes from outside. */
export const checkpointForm: z.ZodType<Checkpoint> = z.strictObject({
  v: z.literal(1),
  number: z.int().min(1),
  size: z.int().min(1),
  root: z.hex().length(64),
  previous: z.hex().length(64),
  sealedAt: z.iso.datetime(),
  key: z.string(),
  signature: z.hex().length(128),
})

/** A checkpoint as it is stored. */
export const checkpointOf = (row: Omit<CheckpointRow, 'frontier'>): Checkpoint => ({
  v: 1,
  number: Number(row.number),
  size: Number(row.tree_size),
  root: row.root.toString('hex'),
  previous: row.previous.toString('hex'),
  sealedAt: row.sealed_at.toISOString(),
  key: row.key_id,
  signature: row.signature.toString('hex'),
})

export const checkpointColumns = [
  'number',
  'tree_size',
  'root',
  'previous',
  'sealed_at',
  'key_id',
  'signature',
] as const
