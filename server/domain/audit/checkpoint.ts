import { hash, sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { CheckpointRow } from '../../../db/schema.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import type { AuditKey, PublicKeys } from './keys.ts'

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
