import type { AuditLeaf } from './entities.ts'

/** A leaf of the audit trail, and what its bytes say: who did what to what, and when. */
export type AuditRecord = AuditLeaf & {
  objectType: string
  /** Such as `payment.accepted`. */
  action: string
  /** Such as `user:…`, `key:…` or `system:…`. */
  actor: string
  at: Date
}

/**
 * A signed statement about the log of all leaves: so many, with this root, after that checkpoint. Hashes are hex. The document is the
 * same wherever it is: in an answer, in an export, and where checkpoints are kept outside of the database.
 */
export type Checkpoint = {
  v: 1
  /** 1, 2, 3 … without a gap. */
  number: number
  /** Leaves in the log. */
  size: number
  /** Of the tree of RFC 6962 over them. */
  root: string
  /** The hash of the checkpoint before; of the first, 32 zero bytes. */
  previous: string
  /** ISO 8601. */
  sealedAt: string
  /** Id of the key that signed it. */
  key: string
  /** Ed25519, over the canonical bytes (RFC 8785) of everything else and what it is about. */
  signature: string
}

/** That a leaf is in the log. With the key's public half, whoever holds it needs nobody's word (RFC 9162, 2.1.3.2). */
export type AuditProof = {
  leaf: AuditLeaf
  /** Null for the few seconds until a new leaf is sealed. */
  seal: {
    /** Its place in the log. */
    index: number
    /** The hashes from the leaf's sibling up, in hex. */
    path: string[]
    checkpoint: Checkpoint
  } | null
}

/** That the log of one checkpoint is what that of a later one began as (RFC 9162, 2.1.4.2). */
export type AuditConsistency = {
  from: Checkpoint
  to: Checkpoint
  path: string[]
}
