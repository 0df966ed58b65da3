import type { Hash } from 'viem';
import type { Chains } from './chains.ts';
/** What a webhook's body says to us. */
export type WebhookReading = {
    kind: 'transfer';
    reference: string | null;
    transactionHash: Hash | null;
}
/** Signed and well-formed, of a type that nothing here waits for. */
 | {
    kind: 'irrelevant';
    type: string;
} | {
    kind: 'unreadable';
    because: string;
};
/** Reads a webhook's body, whose signature was checked before. */
export declare function readWebhook(body: Buffer, chains: Chains): WebhookReading;
