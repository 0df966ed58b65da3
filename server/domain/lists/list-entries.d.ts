import type { ListEntry, Page } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type PageRequest } from '../page.ts';
import type { AppPrincipal } from '../principal.ts';
/** Lists the entries in force, newest first; with `removed`, those that were taken off as well. */
export declare function listEntries(services: Services, principal: AppPrincipal, { list, address, removed, ...request }: PageRequest & {
    list?: string | undefined;
    address?: string | undefined;
    removed: boolean;
}): Promise<Page<ListEntry>>;
