import type { Payment } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Takes a payment back that was not handed to the wallet provider yet. Cancelling a cancelled payment answers with it.
 *
 * @throws NOT_FOUND, NOT_CANCELLABLE
 */
export declare function cancelPayment(services: Services, principal: AppPrincipal, input: {
    paymentId: string;
}): Promise<Payment>;
