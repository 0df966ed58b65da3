import type { Paywall } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** @throws NOT_FOUND */
export declare function getPaywall(services: Services, principal: AppPrincipal, { paywallId }: {
    paywallId: string;
}): Promise<Paywall>;
