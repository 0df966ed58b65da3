import type { Wallet } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Makes the custodial wallet of an owner at the wallet provider, or answers with the one there is: an owner has one per app.
 *
 * @throws PROVIDER_REFUSED, PROVIDER_UNAVAILABLE; in both cases the same call may be repeated
 */
export declare function createWallet(services: Services, principal: AppPrincipal, { owner }: {
    owner: string;
}): Promise<Wallet>;
