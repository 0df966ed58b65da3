import type { Payment } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/** @throws NOT_FOUND */
export declare function getPayment(services: Services, principal: AppPrincipal, { paymentId }: {
    paymentId: string;
}): Promise<Payment>;
