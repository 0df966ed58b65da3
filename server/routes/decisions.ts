import * as z from 'zod'
import { explainDecision } from '../domain/compliance/explain-decision.ts'
import { getDecision } from '../domain/compliance/get-decision.ts'
import { listDecisions } from '../domain/compliance/list-decisions.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { explanation } from '../schemas/explanations.ts'
import { procedure } from '../trpc.ts'

export const decisions = {
  /** Returns a compliance decision with every check that led to it. */
  get: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'decisions:read', limit: 'read' })
    .input(z.object({ decisionId: common.id }))
    .output(schema.decision)
    .query(({ ctx, input }) => getDecision(ctx.services, ctx.principal, input)),

  /** Explains a decision with all that it was made on, whether it would be made again, and the record that proves it. */
  explain: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'decisions:read', limit: 'read' })
    .input(z.object({ decisionId: common.id }))
    .output(explanation)
    .query(({ ctx, input }) => explainDecision(ctx.services, ctx.principal, input)),

  /** Lists compliance decisions, newest first. */
  list: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'decisions:read', limit: 'read' })
    .input(common.pageRequest.extend({ outcome: schema.outcomes.optional() }))
    .output(common.pageOf(schema.decision))
    .query(({ ctx, input }) => listDecisions(ctx.services, ctx.principal, input)),
}
