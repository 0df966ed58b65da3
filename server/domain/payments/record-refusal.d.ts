import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
import type { Offer } from './offer.ts';
/** Keeps a decision against a payment, with its audit leaf and event. Nothing is queued. */
export declare function recordRefusal(services: Services, principal: AppPrincipal, decisionId: string, { paywall, wallet, recipient, amount, decision }: Offer): Promise<void>;
