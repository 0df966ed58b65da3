import type { Address, Paywall } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** What of an open paywall can change. What is absent stays. */
export interface PaywallPatch {
    title?: string | undefined;
    /** In base units of the asset. */
    price?: bigint | undefined;
    recipient?: Address | undefined;
    accessSeconds?: number | null | undefined;
    expiresAt?: Date | null | undefined;
}
/**
 * Changes an open paywall. Payments accepted before keep what they were accepted for.
 *
 * @throws NOT_FOUND, PAYWALL_CLOSED if it is archived
 */
export declare const updatePaywall: (services: Services, principal: AppPrincipal, { paywallId, ...patch }: {
    paywallId: string;
} & PaywallPatch) => Promise<Paywall>;
/**
 * Closes a paywall for good: no further payment is accepted. Access bought before stays. Archiving twice answers the same.
 *
 * @throws NOT_FOUND
 */
export declare const archivePaywall: (services: Services, principal: AppPrincipal, { paywallId }: {
    paywallId: string;
}) => Promise<Paywall>;
