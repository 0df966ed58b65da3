import type { Transaction } from 'kysely';
import type { Database, TransactionRow } from '../../../db/schema.ts';
/** Makes the transaction that waits longest for this wallet and chain due, now that the one before it has left. */
export declare function wakeNextInWallet(trx: Transaction<Database>, now: Date, left: Pick<TransactionRow, 'wallet_id' | 'chain_id'>): Promise<void>;
