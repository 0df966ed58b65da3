import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { walletOf, walletsOf } from './wallet-of.ts'

/**
 * A wallet of the app; for people, one of their own unless they oversee the app.
 *
 * @throws NOT_FOUND
 */
export async function getWallet(
  services: Services,
  principal: AppPrincipal,
  { walletId }: { walletId: string },
): Promise<Wallet> {
  const row = await walletsOf(services, principal).where('id', '=', walletId).executeTakeFirst()
  if (!row) throw notFound('wallet')
  return walletOf(row)
}
