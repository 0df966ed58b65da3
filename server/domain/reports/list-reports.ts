import type { Page } from '../../contract/entities.ts'
import type { Report, ReportState } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { reportColumns, reportOf } from './report-of.ts'

/** Lists the app's reports, newest first. */
export function listReports(
  { db }: Services,
  { appId }: AppPrincipal,
  { state, ...request }: PageRequest & { state?: ReportState | undefined },
): Promise<Page<Report>> {
  let query = db.selectFrom('report').select(reportColumns).where('app_id', '=', appId)
  if (state) query = query.where('state', '=', state)
  return page(query, 'report', request, reportOf)
}
