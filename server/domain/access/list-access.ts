import type { Access, Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { accessColumns, accessOf } from './access-of.ts'
import { boughtOrSoldBy } from './bought-or-sold-by.ts'

/** Lists what was bought in the app, newest first; to people who do not oversee it, what they bought or sold. */
export function listAccess(
  services: Services,
  principal: AppPrincipal,
  { walletId, paywallId, ...request }: PageRequest & { walletId?: string | undefined; paywallId?: string | undefined },
): Promise<Page<Access>> {
  let query = services.db.selectFrom('access').select(accessColumns).where('app_id', '=', principal.appId)
  const userId = confinedTo(principal, overseers)
  if (userId) query = query.where(boughtOrSoldBy(userId, 'access'))
  if (walletId) query = query.where('wallet_id', '=', walletId)
  if (paywallId) query = query.where('paywall_id', '=', paywallId)
  return page(query, 'access', request, accessOf)
}
