import * as z from 'zod'
import { proveConsistency } from '../domain/audit/prove-consistency.ts'
import { proveLeaf } from '../domain/audit/prove-leaf.ts'
import { readTrail } from '../domain/audit/read-trail.ts'
import { searchLeaves } from '../domain/audit/search-leaves.ts'
import * as audited from '../schemas/audit.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

export const audit = {
  /** Reads the audit trail of one object, oldest leaf first, with the bytes that every hash is of. */
  trail: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'audit:read', limit: 'read' })
    .input(
      z.object({
        objectId: common.id,
        cursor: z
          .string()
          .regex(/^\d{1,15}$/)
          .nullish(),
        limit: z.int().min(1).max(100).default(100),
      }),
    )
    .output(common.pageOf(schema.auditLeaf))
    .query(({ ctx, input }) => readTrail(ctx.services, ctx.principal, input)),

  /** Finds records of the app by object, actor, action and time, newest first. */
  search: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'audit:read', limit: 'read' })
    .input(
      z.object({
        objectId: common.id.optional(),
        actor: audited.actor.optional(),
        action: audited.action.optional(),
        from: common.momentInput.optional(),
        to: common.momentInput.optional(),
        cursor: audited.recordCursor.nullish(),
        limit: z.int().min(1).max(100).default(20),
      }),
    )
    .output(common.pageOf(audited.auditRecord))
    .query(({ ctx, input }) => searchLeaves(ctx.services, ctx.principal, input)),

  /** Proves that one record is in the log: its place, the hashes up to the root, and the signed checkpoint with that root. */
  proof: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'audit:read', limit: 'read' })
    .input(z.object({ objectId: common.id, sequence: z.bigint().min(1n).max(BigInt(Number.MAX_SAFE_INTEGER)) }))
    .output(audited.auditProof)
    .query(({ ctx, input }) => proveLeaf(ctx.services, ctx.principal, input)),

  /** Proves that the log of one checkpoint is what that of a later one began as. */
  consistency: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'audit:read', limit: 'read' })
    .input(z.object({ from: audited.checkpointNumber, to: audited.checkpointNumber.optional() }))
    .output(audited.auditConsistency)
    .query(({ ctx, input }) => proveConsistency(ctx.services, ctx.principal, input)),
}
