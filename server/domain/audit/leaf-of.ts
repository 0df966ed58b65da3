import type { AuditLeaf } from '../../contract/entities.ts'

/** A leaf as it is shown. */
export const leafOf = (row: { stream: string; sequence: bigint; body: Buffer; hash: Buffer }): AuditLeaf => ({
  stream: row.stream,
  sequence: row.sequence,
  body: row.body.toString(),
  hash: row.hash.toString('hex'),
})

export const leafColumns = ['stream', 'sequence', 'body', 'hash'] as const
