import type { Address, Asset } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type Principal } from '../principal.ts';
/**
 * Makes a token on a configured chain payable. Its symbol and decimals are read from the contract. Registering it again answers
 * with the asset there is.
 *
 * @throws CHAIN_NOT_SUPPORTED, NOT_A_TOKEN, CHAIN_UNAVAILABLE
 */
export declare function registerAsset(services: Services, principal: Principal, { chainId, address }: {
    chainId: number;
    address: Address;
}): Promise<Asset>;
