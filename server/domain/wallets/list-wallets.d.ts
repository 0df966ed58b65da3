import type { Page, Wallet } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
import type { AppPrincipal } from '../principal.ts';
/** Lists the app's wallets, newest first. */
export declare function listWallets(services: Services, principal: AppPrincipal, { owner, ...request }: PageRequest & {
    owner?: string | undefined;
}): Promise<Page<Wallet>>;
