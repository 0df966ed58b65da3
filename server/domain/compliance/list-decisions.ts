import type { Decision, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { decisionColumns, decisionOf } from './decision-of.ts'

/** Lists the app's decisions, newest first. */
export function listDecisions(
  { db }: Services,
  { appId }: AppPrincipal,
  { outcome, ...request }: PageRequest & { outcome?: Decision['outcome'] | undefined },
): Promise<Page<Decision>> {
  let query = db.selectFrom('decision').select(decisionColumns).where('app_id', '=', appId)
  if (outcome) query = query.where('outcome', '=', outcome)
  return page(query, 'decision', request, decisionOf)
}
