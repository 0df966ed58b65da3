import type { App } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { Principal } from '../principal.ts';
/**
 * Registers a client application.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export declare function createApp(services: Services, principal: Principal, input: {
    name: string;
    idempotencyKey: string;
}): Promise<App & {
    replayed: boolean;
}>;
