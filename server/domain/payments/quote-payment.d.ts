import type { Quote } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Tells what `payments.create` would answer now: the price, what the wallet holds, and the same compliance checks. Writes nothing.
 *
 * @throws NOT_FOUND, CHAIN_NOT_SUPPORTED, CHAIN_UNAVAILABLE
 */
export declare function quotePayment(services: Services, principal: AppPrincipal, input: {
    paywallId: string;
    walletId: string;
}): Promise<Quote>;
