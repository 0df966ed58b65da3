import type { Kysely } from 'kysely';
import type { Database } from '../../db/schema.ts';
import type { Services } from '../services.ts';
import { DomainError } from './domain-error.ts';
import { type Principal } from './principal.ts';
/** What an idempotency key is bound to: the app, the caller, the procedure and the body. */
export interface Intention {
    app_id: string;
    subject: string;
    procedure: string;
    key: string;
    request_hash: Buffer;
}
/** The intention behind a call. `input` without its key is the body it is bound to. */
export declare function intentionOf(principal: Principal, procedure: string, { idempotencyKey, ...body }: {
    idempotencyKey: string;
} & Record<string, unknown>): Intention;
/**
 * What an earlier call with this key made, or null.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export declare function earlier(db: Kysely<Database>, intention: Intention): Promise<string | null>;
export declare const mismatch: () => DomainError;
/**
 * Does `commit` once for each intention. Answers with the id of what was made, and whether it was made by an earlier call.
 *
 * @throws IDEMPOTENCY_MISMATCH, and whatever `commit` throws; then nothing was written
 */
export declare function once(services: Pick<Services, 'db' | 'clock'>, intention: Intention, commit: (trx: Kysely<Database>, id: string) => Promise<void>): Promise<{
    id: string;
    replayed: boolean;
}>;
