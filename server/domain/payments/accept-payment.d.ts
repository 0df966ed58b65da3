import type { Payment } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type Intention } from '../idempotency.ts';
import type { AppPrincipal } from '../principal.ts';
import type { Offer } from './offer.ts';
/** A payment about to be accepted, with the ids of all that is made with it. */
export interface Acceptance {
    id: string;
    transactionId: string;
    decisionId: string;
    intention: Intention;
    offer: Offer;
}
/**
 * Writes an accepted payment: idempotency row, decision, queued transaction, payment, audit leaf and event in one statement,
 * hence in one commit and one round trip. It writes nothing and answers `changed` if the paywall or the lists are no longer
 * what the offer was made on, or `repeated` if the key was used already.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export declare function acceptPayment(services: Services, principal: AppPrincipal, { id, transactionId, decisionId, intention, offer }: Acceptance): Promise<Payment | 'changed' | 'repeated'>;
