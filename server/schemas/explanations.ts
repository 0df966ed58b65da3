import * as z from 'zod'
import type * as entity from '../contract/explanations.ts'
import { auditProofShape } from './audit.ts'
import { assetShape, checkShape, decisionShape, listKind } from './entities.ts'
import { policyShape, rule } from './policies.ts'

export const countedEntryShape = z.object({
  id: z.string(),
  list: z.string(),
  kind: listKind,
  subject: z.string(),
  reason: z.string(),
  source: z.string(),
  validFrom: z.date().nullable(),
  validUntil: z.date().nullable(),
  createdAt: z.date(),
  removedAt: z.date().nullable(),
  import: z.object({ id: z.string(), hash: z.string() }).nullable(),
})

export const explainedCheckShape = checkShape.extend({
  asked: rule.nullable(),
  entries: z.array(countedEntryShape),
  repeated: z.boolean().nullable(),
})

export const explanationShape = z.object({
  decision: decisionShape,
  asset: assetShape,
  paymentId: z.string().nullable(),
  operationId: z.string().nullable(),
  policy: policyShape.nullable(),
  checks: z.array(explainedCheckShape),
  decidedBy: z.int(),
  repeated: z.enum(['same', 'in_part', 'different']),
  commitment: z.object({ bytes: z.string(), holds: z.boolean() }).nullable(),
  audit: auditProofShape.extend({ agrees: z.boolean() }).nullable(),
  text: z.string(),
})
export const explanation: z.core.$ZodType<entity.Explanation, entity.Explanation> = explanationShape
