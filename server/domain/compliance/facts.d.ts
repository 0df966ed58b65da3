import type { Kysely } from 'kysely';
import type { Database } from '../../../db/schema.ts';
import type { Facts } from './decide.ts';
/** Reads what the rules need to know about these addresses. */
export declare function readFacts(db: Kysely<Database>, appId: string, addresses: readonly string[]): Promise<Facts>;
