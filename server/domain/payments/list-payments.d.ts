import type { Page, Payment, PaymentState } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
import type { AppPrincipal } from '../principal.ts';
/** What payments are searched by. */
export interface PaymentFilter extends PageRequest {
    walletId?: string | undefined;
    paywallId?: string | undefined;
    state?: PaymentState | undefined;
}
/** Lists the app's payments, newest first. */
export declare function listPayments(services: Services, principal: AppPrincipal, { walletId, paywallId, state, ...request }: PaymentFilter): Promise<Page<Payment>>;
