import type { Transaction } from 'kysely';
import type { Database } from '../../../db/schema.ts';
/** Moves an app's lists to their next version: what was decided on the one before no longer holds. */
export declare function nextListVersion(trx: Transaction<Database>, appId: string, now: Date): Promise<bigint>;
