import * as z from 'zod'
import { readTrail } from '../domain/audit/read-trail.ts'
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
}
