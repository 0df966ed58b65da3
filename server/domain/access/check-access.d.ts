import type { AccessCheck } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Whether a wallet may open a paywall now. Of several accesses the one that lasts longest is answered with.
 *
 * @throws NOT_FOUND for a paywall or wallet that is not the app's
 */
export declare function checkAccess(services: Services, principal: AppPrincipal, input: {
    paywallId: string;
    walletId: string;
}): Promise<AccessCheck>;
