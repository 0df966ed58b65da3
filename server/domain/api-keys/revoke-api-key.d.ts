import type { ApiKey } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type Principal } from '../principal.ts';
/**
 * Ends a key at once. Revoking a revoked key answers with it.
 *
 * @throws NOT_FOUND
 */
export declare function revokeApiKey(services: Services, principal: Principal, { keyId }: {
    keyId: string;
}): Promise<ApiKey>;
