import type { Address, Paywall } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** A paywall to be opened. */
export interface NewPaywall {
    title: string;
    assetId: string;
    /** In base units of the asset. */
    price: bigint;
    recipient: Address;
    /** How long a payment buys access, in seconds; null is for ever. */
    accessSeconds: number | null;
    expiresAt: Date | null;
    idempotencyKey: string;
}
/**
 * Opens a paywall.
 *
 * @throws NOT_FOUND for the asset, IDEMPOTENCY_MISMATCH
 */
export declare function createPaywall(services: Services, principal: AppPrincipal, input: NewPaywall): Promise<Paywall & {
    replayed: boolean;
}>;
