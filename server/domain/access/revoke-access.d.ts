import type { Transaction } from 'kysely';
import type { Database, PaymentRow } from '../../../db/schema.ts';
/** Takes back what a payment bought, because the chain no longer shows that it was paid. */
export declare function revokeAccess(trx: Transaction<Database>, payment: PaymentRow, now: Date): Promise<void>;
