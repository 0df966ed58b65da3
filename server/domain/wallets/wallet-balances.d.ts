import type { Balance } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * What a wallet holds of every registered asset, read from each chain now.
 *
 * @throws NOT_FOUND, CHAIN_UNAVAILABLE
 */
export declare function walletBalances(services: Services, principal: AppPrincipal, input: {
    walletId: string;
}): Promise<Balance[]>;
