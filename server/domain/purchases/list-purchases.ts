import type { Page } from '../../contract/entities.ts'
import type { Purchase, PurchaseState } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { purchaseColumns, purchaseOf } from './purchase-of.ts'

/** Lists the app's purchases, newest first, without what was answered. */
export function listPurchases(
  { db }: Services,
  { appId }: AppPrincipal,
  { state, ...request }: PageRequest & { state?: PurchaseState | undefined },
): Promise<Page<Purchase>> {
  let query = db.selectFrom('purchase').select(purchaseColumns).where('purchase.app_id', '=', appId)
  if (state) query = query.where('purchase.state', '=', state)
  return page(query, 'purchase', request, purchaseOf)
}
