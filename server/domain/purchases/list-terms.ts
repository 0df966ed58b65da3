import type { Page } from '../../contract/entities.ts'
import type { BuyingPolicy } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { buyingPolicyColumns, buyingPolicyOf } from './terms.ts'

/** Lists the versions of what the app may buy, newest first. */
export function listTerms(
  { db }: Services,
  { appId }: AppPrincipal,
  { state, ...request }: PageRequest & { state?: BuyingPolicy['state'] | undefined },
): Promise<Page<BuyingPolicy>> {
  let query = db.selectFrom('buying_policy').select(buyingPolicyColumns).where('app_id', '=', appId)
  if (state) query = query.where('state', '=', state)
  return page(query, 'buying_policy', request, buyingPolicyOf)
}
