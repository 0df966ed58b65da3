import type { Page, Paywall } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { paywallColumns, paywallOf } from './paywall-of.ts'

/** Lists the app's paywalls, newest first. */
export function listPaywalls(
  services: Services,
  principal: AppPrincipal,
  { state, ...request }: PageRequest & { state?: Paywall['state'] | undefined },
): Promise<Page<Paywall>> {
  let query = services.db.selectFrom('paywall').select(paywallColumns).where('app_id', '=', principal.appId)
  if (state) query = query.where('state', '=', state)
  return page(query, 'paywall', request, paywallOf)
}
