import type { Wallet } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** @throws NOT_FOUND */
export declare function getWallet(services: Services, principal: AppPrincipal, { walletId }: {
    walletId: string;
}): Promise<Wallet>;
