import type { Page, Paywall } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
import type { AppPrincipal } from '../principal.ts';
/** Lists the app's paywalls, newest first. */
export declare function listPaywalls(services: Services, principal: AppPrincipal, { state, ...request }: PageRequest & {
    state?: Paywall['state'] | undefined;
}): Promise<Page<Paywall>>;
