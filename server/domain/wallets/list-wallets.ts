import type { Page, Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { walletOf, walletsOf } from './wallet-of.ts'

/** Lists the app's wallets, newest first; to people who do not oversee it, their own. */
export function listWallets(
  services: Services,
  principal: AppPrincipal,
  { owner, ...request }: PageRequest & { owner?: string | undefined },
): Promise<Page<Wallet>> {
  let query = walletsOf(services, principal)
  if (owner) query = query.where('owner', '=', owner)
  return page(query, 'wallet', request, walletOf)
}
