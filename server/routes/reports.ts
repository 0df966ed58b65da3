import * as z from 'zod'
import { createReport } from '../domain/reports/create-report.ts'
import { getReport } from '../domain/reports/get-report.ts'
import { reportKinds } from '../domain/reports/kinds.ts'
import { listReports } from '../domain/reports/list-reports.ts'
import { readReportFile } from '../domain/reports/read-report-file.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/reports.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'reports:read', limit: 'read' } as const
const write = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'reports:write', limit: 'write' } as const

const one = z.object({ reportId: common.id })

/** The longest period of a report, in milliseconds: a year and a bit. */
const LONGEST = 400 * 86_400_000

export const reports = {
  /** Asks for a report of what happened from one moment to before another: of every kind, or of some. */
  create: procedure(write)
    .input(
      z
        .object({
          kinds: z
            .array(schema.reportKind)
            .min(1)
            .max(reportKinds.length)
            .default([...reportKinds]),
          from: common.momentInput,
          to: common.momentInput,
          idempotencyKey: common.idempotencyKey,
        })
        .refine(({ from, to }) => from < to, { message: 'the period ends before it begins', path: ['to'] })
        .refine(({ from, to }) => to.getTime() - from.getTime() <= LONGEST, {
          message: 'the period is longer than 400 days',
          path: ['to'],
        }),
    )
    .output(schema.requestedReport)
    .mutation(({ ctx, input }) => createReport(ctx.services, ctx.principal, input)),

  /** Returns one report by its id, with the names of its files when it is ready. */
  get: procedure(read)
    .input(one)
    .output(schema.report)
    .query(({ ctx, input }) => getReport(ctx.services, ctx.principal, input)),

  /** Lists reports, newest first. */
  list: procedure(read)
    .input(common.pageRequest.extend({ state: schema.reportState.optional() }))
    .output(common.pageOf(schema.report))
    .query(({ ctx, input }) => listReports(ctx.services, ctx.principal, input)),

  /** Returns a part of a file of a report, as text. Most files have one part; all parts put together have the hash of the manifest. */
  file: procedure(read)
    .input(one.extend({ name: schema.fileName, part: z.int().min(1).max(100_000).default(1) }))
    .output(schema.reportText)
    .query(({ ctx, input }) => readReportFile(ctx.services, ctx.principal, input)),
}
