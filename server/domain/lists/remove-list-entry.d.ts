import type { ListEntry } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Takes an entry off its list; the entry itself is kept. Removing a removed one answers with it.
 *
 * @throws NOT_FOUND
 */
export declare function removeListEntry(services: Services, principal: AppPrincipal, { entryId }: {
    entryId: string;
}): Promise<ListEntry>;
