import type { Kysely } from 'kysely';
import type { Database, PaymentRow, TransactionRow } from '../../../db/schema.ts';
import type { Payment } from '../../contract/entities.ts';
/** The payments of one app, joined with the transaction of each. */
export declare const paymentsOf: (db: Kysely<Database>, appId: string) => import("kysely").SelectQueryBuilder<Database, "payment" | "transaction", {}>;
export declare const paymentColumns: readonly ['payment.id', 'payment.paywall_id', 'payment.wallet_id', 'payment.asset_id', 'payment.payer', 'payment.recipient', 'payment.amount', 'payment.state', 'payment.decision_id', 'payment.transaction_id', 'payment.settled_at', 'payment.created_at', 'payment.updated_at', 'transaction.chain_id', 'transaction.transaction_hash', 'transaction.block_number', 'transaction.failure_reason', 'transaction.failure_message'];
type Row = Omit<PaymentRow, 'app_id' | 'version' | 'audit_head'> & Pick<TransactionRow, 'chain_id' | 'transaction_hash' | 'block_number' | 'failure_reason' | 'failure_message'>;
/** A payment as its clients see it. */
export declare const paymentOf: (row: Row) => Payment;
export {};
