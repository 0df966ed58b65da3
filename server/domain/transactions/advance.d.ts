import type { Transaction } from 'kysely';
import type { Database, TransactionRow } from '../../../db/schema.ts';
import type { Services } from '../../services.ts';
import type { Principal } from '../principal.ts';
import { type TransactionState } from './states.ts';
/** What a move learns about a transaction. What is absent stays as it was. */
export type Facts = Partial<Pick<TransactionRow, 'reference' | 'user_operation_hash' | 'transaction_hash' | 'block_number' | 'block_hash' | 'log_index' | 'failure_reason' | 'failure_message' | 'submitting_since'>>;
export interface Move {
    to: TransactionState;
    principal: Principal;
    facts?: Facts;
    /** When it is to be looked at again; null is never. */
    nextAttemptAt: Date | null;
    /** Further work of the same commit; answering false takes the move back. */
    guard?: (trx: Transaction<Database>) => Promise<boolean>;
}
/**
 * Moves a transaction, and the payment it serves, to their next states: rows, access, audit leaf and event in one commit.
 *
 * Answers with the moved row, or null if somebody else moved it first or the guard said no; then nothing was written.
 */
export declare function advance(services: Services, from: TransactionRow, move: Move): Promise<TransactionRow | null>;
export declare const transactionColumns: readonly ['id', 'app_id', 'wallet_id', 'chain_id', 'provider', 'sender', 'calls', 'state', 'reference', 'user_operation_hash', 'transaction_hash', 'block_number', 'block_hash', 'log_index', 'failure_reason', 'failure_message', 'shard', 'next_attempt_at', 'attempts', 'submitting_since', 'created_at', 'updated_at', 'version'];
