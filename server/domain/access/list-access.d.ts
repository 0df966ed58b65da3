import type { Access, Page } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
import type { AppPrincipal } from '../principal.ts';
/** Lists what was bought in the app, newest first. */
export declare function listAccess(services: Services, principal: AppPrincipal, { walletId, paywallId, ...request }: PageRequest & {
    walletId?: string | undefined;
    paywallId?: string | undefined;
}): Promise<Page<Access>>;
