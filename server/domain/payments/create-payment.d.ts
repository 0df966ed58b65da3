import type { AcceptedPayment } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** A purchase to be made. */
export interface NewPayment {
    paywallId: string;
    walletId: string;
    idempotencyKey: string;
}
/**
 * Accepts a payment for an open paywall: decides, records and queues it in one commit. Answered means: it will settle once, or
 * you will be told why not.
 *
 * The amount is the paywall's price, in base units of its asset. The same `idempotencyKey` returns the first payment with
 * `replayed: true`.
 *
 * @throws NOT_FOUND, PAYWALL_CLOSED, CHAIN_NOT_SUPPORTED, INSUFFICIENT_BALANCE, REFUSED_BY_COMPLIANCE (details: the checks that
 *   failed and their remedy), IDEMPOTENCY_MISMATCH, CHAIN_UNAVAILABLE
 */
export declare function createPayment(services: Services, principal: AppPrincipal, input: NewPayment): Promise<AcceptedPayment>;
