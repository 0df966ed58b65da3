import type { TransactionRow } from '../../../db/schema.ts';
export type TransactionState = TransactionRow['state'];
/** The life of a transaction: one on-chain effect we asked for. The picture in the docs is drawn from it. */
export declare const transactionStates: {
    readonly queued: {
        readonly by: {
            readonly submitting: 'dispatcher';
            readonly cancelled: 'caller';
            readonly refused: 'dispatcher';
        };
        readonly says: 'waits for its wallet to be free';
    };
    readonly submitting: {
        readonly by: {
            readonly submitted: 'dispatcher';
            readonly failed: 'provider';
            readonly confirmed: 'chain';
            readonly attention: 'dispatcher';
        };
        readonly says: 'may be at the provider: from here on it is repeated with its own key or looked up, never made anew';
    };
    readonly submitted: {
        readonly by: {
            readonly confirmed: 'chain';
            readonly failed: 'provider';
            readonly attention: 'tracker';
        };
        readonly says: 'the provider has it';
    };
    readonly confirmed: {
        readonly by: {
            readonly attention: 'chain';
        };
        readonly says: 'its logs on the chain show what was asked for';
    };
    readonly failed: {
        readonly by: {
            readonly attention: 'chain';
        };
        readonly says: 'it had no effect';
    };
    readonly attention: {
        readonly by: {
            readonly confirmed: 'chain';
            readonly failed: 'provider';
        };
        readonly says: 'past its deadline or contradicted; still looked for';
    };
    readonly cancelled: {
        readonly by: {};
        readonly says: 'taken back before it was submitted';
    };
    readonly refused: {
        readonly by: {};
        readonly says: 'refused by compliance before it was submitted';
    };
};
/** The state a payment has because of its transaction's. */
export declare const paymentStateOf: {
    readonly queued: 'accepted';
    readonly submitting: 'submitted';
    readonly submitted: 'submitted';
    readonly confirmed: 'settled';
    readonly failed: 'failed';
    readonly attention: 'attention';
    readonly cancelled: 'cancelled';
    readonly refused: 'refused';
};
