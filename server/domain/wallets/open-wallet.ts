import type { Wallet } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { UserPrincipal } from '../principal.ts'
import { createWallet } from './create-wallet.ts'

/** What the references of wallets begin with that users opened for themselves. No app gives such a reference. */
export const USER_OWNER = 'user.'

/**
 * Makes the caller's own custodial wallet, or answers with the one there is.
 *
 * @throws PROVIDER_REFUSED, PROVIDER_UNAVAILABLE
 */
export const openWallet = (services: Services, principal: UserPrincipal): Promise<Wallet> =>
  createWallet(services, principal, { owner: `${USER_OWNER}${principal.userId}`, userId: principal.userId })
