import type { Report } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { reportColumns, reportOf } from './report-of.ts'

/** @throws NOT_FOUND */
export async function getReport(
  { db }: Pick<Services, 'db'>,
  { appId }: AppPrincipal,
  { reportId }: { reportId: string },
): Promise<Report> {
  const row = await db
    .selectFrom('report')
    .select(reportColumns)
    .where('id', '=', reportId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('report')
  return reportOf(row)
}
