import type { Transaction } from 'kysely';
import type { Database, PaymentRow } from '../../../db/schema.ts';
/**
 * Grants what a settled payment bought, from now on for the paywall's period. A payment grants once: settled again after
 * the chain had dropped it, its access is given back as it was.
 */
export declare function grantAccess(trx: Transaction<Database>, payment: PaymentRow, now: Date): Promise<void>;
