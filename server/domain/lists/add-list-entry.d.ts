import type { Address, ListEntry } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Puts an address on a deny list of the app. From this commit on no payment from or to it is accepted, and none that waits is
 * submitted. An address that is on the list already keeps its entry.
 */
export declare function addListEntry(services: Services, principal: AppPrincipal, { list, address, reason, source }: {
    list: string;
    address: Address;
    reason: string;
    source: string;
}): Promise<ListEntry>;
