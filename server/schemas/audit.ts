import * as z from 'zod'
import type * as entity from '../contract/audit.ts'
import { auditLeafShape } from './entities.ts'

export const auditRecordShape = auditLeafShape.extend({
  objectType: z.string(),
  action: z.string(),
  actor: z.string(),
  at: z.date(),
})
export const auditRecord: z.core.$ZodType<entity.AuditRecord, entity.AuditRecord> = auditRecordShape

const hash = z.hex().length(64)

export const checkpointShape = z.object({
  v: z.literal(1),
  number: z.int().min(1),
  size: z.int().min(1),
  root: hash,
  previous: hash,
  sealedAt: z.iso.datetime(),
  key: z.string(),
  signature: z.hex().length(128),
})
export const checkpoint: z.core.$ZodType<entity.Checkpoint, entity.Checkpoint> = checkpointShape

export const auditProofShape = z.object({
  leaf: auditLeafShape,
  seal: z.object({ index: z.int(), path: z.array(hash), checkpoint: checkpointShape }).nullable(),
})
export const auditProof: z.core.$ZodType<entity.AuditProof, entity.AuditProof> = auditProofShape

export const auditConsistencyShape = z.object({ from: checkpointShape, to: checkpointShape, path: z.array(hash) })
export const auditConsistency: z.core.$ZodType<entity.AuditConsistency, entity.AuditConsistency> = auditConsistencyShape

/** An actor as the trail names one. */
export const actor = z
  .string()
  .max(100)
  .regex(/^((user|key):[0-9a-f-]{36}|system:[\w -]+)$/, 'an actor is such as user:ID, key:ID or system:NAME')

/** An action as the trail names one. */
export const action = z
  .string()
  .max(100)
  .regex(/^[a-z_]+\.[a-z_]+$/, 'an action is such as payment.accepted')

/** Where a search went on: the time, the object and the sequence of the last record seen. */
export const recordCursor = z
  .string()
  .regex(
    /^\d{1,15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,15}$/,
    'is not a cursor of this list: take "nextCursor" of the page before, or start without one',
  )

export const checkpointNumber = z.int().min(1)
