import type { Kysely } from 'kysely';
import type { Database } from '../../../db/schema.ts';
import type { NewApiKey } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import { type Principal } from '../principal.ts';
/**
 * Makes a key for an app; its secret is in this answer and nowhere else. A replay has the key without it: revoke that key and
 * make another if the secret was lost.
 *
 * @throws NOT_FOUND, IDEMPOTENCY_MISMATCH
 */
export declare function createApiKey(services: Services, principal: Principal, input: {
    appId: string;
    name: string;
    expiresAt: Date | null;
    idempotencyKey: string;
}): Promise<NewApiKey>;
/** Writes a key, of an app or (with no app) of the platform's operators. */
export declare function insertApiKey(trx: Kysely<Database>, principal: Principal, key: {
    id: string;
    appId: string | null;
    name: string;
    secret: string;
    createdAt: Date;
    expiresAt: Date | null;
}): Promise<void>;
