import type { Page, Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { walletColumns, walletOf } from './wallet-of.ts'

/** Lists the app's wallets, newest first. */
export function listWallets(
  services: Services,
  principal: AppPrincipal,
  { owner, ...request }: PageRequest & { owner?: string | undefined },
): Promise<Page<Wallet>> {
  let query = services.db.selectFrom('wallet').select(walletColumns).where('app_id', '=', principal.appId)
  if (owner) query = query.where('owner', '=', owner)
  return page(query, 'wallet', request, walletOf)
}
