import type { Page } from '../../contract/entities.ts'
import type { Hold } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { holdColumns, holdOf } from './hold-of.ts'

/** Lists the app's holds, newest first: all, or those that stand. */
export function listHolds(
  { db }: Services,
  { appId }: AppPrincipal,
  { standing, ...request }: PageRequest & { standing: boolean },
): Promise<Page<Hold>> {
  let query = db.selectFrom('hold').select(holdColumns).where('app_id', '=', appId)
  if (standing) query = query.where('released_at', 'is', null)
  return page(query, 'hold', request, holdOf)
}
