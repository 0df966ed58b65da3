import type { Address } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type Answer } from '../compliance/decide.ts';
import type { AppPrincipal } from '../principal.ts';
/** Everything a payment of one paywall from one wallet would be made of, as it stands now. */
export interface Offer {
    paywall: {
        id: string;
        version: bigint;
        open: boolean;
    };
    wallet: {
        id: string;
        address: Address;
    };
    asset: {
        id: string;
        chainId: bigint;
        address: Address;
        symbol: string;
        decimals: number;
    };
    recipient: Address;
    /** In base units of the asset. */
    amount: bigint;
    decision: Answer & {
        listVersion: bigint;
    };
}
/**
 * Reads a paywall and a wallet of the caller's and asks compliance about the payment between them.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED
 */
export declare function readOffer(services: Services, principal: AppPrincipal, { paywallId, walletId }: {
    paywallId: string;
    walletId: string;
}): Promise<Offer>;
