import { sql } from 'kysely'
import type { AccessCheck } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { getPaywall } from '../paywalls/get-paywall.ts'
import type { AppPrincipal } from '../principal.ts'
import { getWallet } from '../wallets/get-wallet.ts'
import { accessColumns, accessOf } from './access-of.ts'

/**
 * Whether a wallet may open a paywall now. Of several accesses the one that lasts longest is answered with.
 *
 * @throws NOT_FOUND for a paywall that is not the app's, and for a wallet that the caller may not see
 */
export async function checkAccess(
  services: Services,
  principal: AppPrincipal,
  input: { paywallId: string; walletId: string },
): Promise<AccessCheck> {
  // a wallet of the app has access or not; a person may ask that of their own
  if (principal.kind === 'user') await getWallet(services, principal, input)
  const now = services.clock.now()
  const row = await services.db
    .selectFrom('access')
    .select(accessColumns)
    .where('wallet_id', '=', input.walletId)
    .where('paywall_id', '=', input.paywallId)
    .where('app_id', '=', principal.appId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`(expires_at is null or expires_at > ${now})`)
    .orderBy('expires_at', (order) => order.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst()
  if (row) return { granted: true, access: accessOf(row) }
  await Promise.all([getPaywall(services, principal, input), getWallet(services, principal, input)])
  return { granted: false, access: null }
}
