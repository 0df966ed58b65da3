import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { CheckpointRow } from '../../../db/schema.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import type { AuditKey, PublicKeys } from './keys.ts'
import { signatureFault, signDocument, signedBytes } from './signed-document.ts'

const about = 'audit checkpoint'

/** What comes before the first checkpoint. */
export const noCheckpoint = '0'.repeat(64)

/** Signs a statement about the log. */
export const signCheckpoint = (statement: Omit<Checkpoint, 'v' | 'key' | 'signature'>, key: AuditKey): Checkpoint =>
  signDocument(about, { v: 1 as const, ...statement }, key)

/** What is wrong with the signature of a checkpoint; null when it is good. */
export const checkpointFault = (checkpoint: Checkpoint, keys: PublicKeys): string | null =>
  signatureFault(about, checkpoint, keys)

/** What the next checkpoint carries of this one. */
export const checkpointHash = (checkpoint: Checkpoint): string => hash('sha256', signedBytes(about, checkpoint), 'hex')

/** A checkpoint as a line of text, always with the same bytes. */
export const lineOf = (checkpoint: Checkpoint): string => `${canonicalize(checkpoint)}\n`

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
