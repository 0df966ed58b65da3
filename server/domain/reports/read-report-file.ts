import type { ReportText } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'

const mediaTypes = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
} as const

/**
 * Reads a part of a file of a report.
 *
 * @throws NOT_FOUND also for a file or a part that the report has not, REPORT_NOT_READY (details: `state`)
 */
export async function readReportFile(
  { db }: Services,
  { appId }: AppPrincipal,
  { reportId, name, part }: { reportId: string; name: string; part: number },
): Promise<ReportText> {
  const report = await db
    .selectFrom('report')
    .select(['state', 'content_id'])
    .where('id', '=', reportId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!report) throw notFound('report')
  const { state, content_id } = report
  if (state !== 'ready' || content_id === null)
    throw new DomainError('REPORT_NOT_READY', `This report is ${state}: ${remedies[state]}`, { state })
  const parts = db.selectFrom('report_file').where('report_id', '=', reportId).where('content_id', '=', content_id)
  const row = await parts
    .select(['content', (of) => parts.select(of.fn.max('part').as('last')).where('name', '=', name).as('parts')])
    .where('name', '=', name)
    .where('part', '=', part)
    .executeTakeFirst()
  if (!row) throw notFound('part of a file of this report')
  const suffix = name.slice(name.lastIndexOf('.') + 1) as keyof typeof mediaTypes
  return { name, mediaType: mediaTypes[suffix], part, parts: row.parts!, text: row.content }
}

const remedies = {
  requested: 'it will be within moments. Read it again with reports.get.',
  ready: 'its files are being written. Read it again with reports.get.',
  failed: 'reports.get says why. Ask for another, of a shorter period if it was too large.',
  expired: 'its files were deleted when their time was over. Ask for another of the same period.',
}
