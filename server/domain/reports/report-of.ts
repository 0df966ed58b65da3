import type { ReportRow } from '../../../db/schema.ts'
import type { Report } from '../../contract/reports.ts'
import type { ReportManifest } from './manifest.ts'

export const reportColumns = [
  'id',
  'kinds',
  'period_from',
  'period_to',
  'schedule',
  'state',
  'requested_by',
  'failure',
  'manifest',
  'created_at',
  'finished_at',
] as const

/** A report as its clients see it. */
export function reportOf(row: Pick<ReportRow, (typeof reportColumns)[number]>): Report {
  // it was signed as one when it was stored
  const manifest = row.manifest as ReportManifest | null
  return {
    id: row.id,
    kinds: row.kinds as Report['kinds'],
    from: row.period_from,
    to: row.period_to,
    schedule: row.schedule,
    state: row.state,
    requestedBy: row.requested_by,
    failure: row.failure,
    policyVersions: manifest?.policyVersions ?? null,
    files: Object.entries(manifest?.files ?? {})
      .map(([name, { bytes, sha256, rows }]) => ({ name, bytes, sha256, rows }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  }
}
