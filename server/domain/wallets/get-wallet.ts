import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { walletColumns, walletOf } from './wallet-of.ts'

/** @throws NOT_FOUND */
export async function getWallet(
  services: Services,
  principal: AppPrincipal,
  { walletId }: { walletId: string },
): Promise<Wallet> {
  const row = await services.db
    .selectFrom('wallet')
    .select(walletColumns)
    .where('id', '=', walletId)
    .where('app_id', '=', principal.appId)
    .executeTakeFirst()
  if (!row) throw notFound('wallet')
  return walletOf(row)
}
