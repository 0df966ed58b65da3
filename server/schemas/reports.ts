import * as z from 'zod'
import type * as entity from '../contract/reports.ts'
import { reportKinds } from '../domain/reports/kinds.ts'

export const reportKind: z.core.$ZodType<entity.ReportKind, entity.ReportKind> = z.enum(reportKinds)
export const reportState = z.enum(['requested', 'ready', 'failed', 'expired'])

const reportFile = z.object({
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  rows: z.number().nullable(),
})

export const reportShape = z.object({
  id: z.string(),
  kinds: z.array(z.enum(reportKinds)),
  from: z.date(),
  to: z.date(),
  schedule: z.string().nullable(),
  state: reportState,
  requestedBy: z.string(),
  failure: z.string().nullable(),
  policyVersions: z.array(z.number()).nullable(),
  files: z.array(reportFile),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
})
export const report: z.core.$ZodType<entity.Report, entity.Report> = reportShape

export const requestedReportShape = reportShape.extend({ replayed: z.boolean() })
export const requestedReport: z.core.$ZodType<entity.RequestedReport, entity.RequestedReport> = requestedReportShape

export const reportTextShape = z.object({
  name: z.string(),
  mediaType: z.string(),
  part: z.number(),
  parts: z.number(),
  text: z.string(),
})
export const reportText: z.core.$ZodType<entity.ReportText, entity.ReportText> = reportTextShape

export const heldObject: z.core.$ZodType<entity.HeldObject, entity.HeldObject> = z.enum([
  'app',
  'user',
  'wallet',
  'payment',
  'report',
])

export const holdShape = z.object({
  id: z.string(),
  objectType: z.enum(['app', 'user', 'wallet', 'payment', 'report']),
  objectId: z.string(),
  reason: z.string(),
  placedBy: z.string(),
  createdAt: z.date(),
  releasedAt: z.date().nullable(),
})
export const hold: z.core.$ZodType<entity.Hold, entity.Hold> = holdShape

export const placedHoldShape = holdShape.extend({ replayed: z.boolean() })
export const placedHold: z.core.$ZodType<entity.PlacedHold, entity.PlacedHold> = placedHoldShape

/** The name of a file of a report. */
export const fileName = z
  .string()
  .max(60)
  .regex(/^[a-z-]+\.(csv|json|html)$/, 'a file is such as decisions.csv, as reports.get names it')
