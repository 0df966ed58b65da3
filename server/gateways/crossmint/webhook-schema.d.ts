import type { Hash } from 'viem';
import { z } from 'zod';
import type { Chains } from './chains.ts';
/** A webhook of any type; those of wallet transfers say more. */
export declare const webhook: z.ZodObject<{
    id: z.ZodOptional<z.ZodString>;
    type: z.ZodString;
    data: z.ZodUnknown;
}, z.core.$loose>;
export type Webhook = z.infer<typeof webhook>;
/** Where a webhook tells us to look. Nothing in it is believed: provider and chain are read. */
export interface WebhookHint {
    /** Crossmint's transaction id; null for a deposit from outside. */
    transferId: string | null;
    transactionHash: Hash | null;
    /** Null for a chain we do not know. */
    chainId: number | null;
    direction: 'in' | 'out';
    /** The addresses as they came, for looking wallets up. */
    sender: string;
    recipient: string;
}
/** Null for every type but a wallet transfer, and for a transfer whose data is not what we know. */
export declare function hintOf({ data, type }: Webhook, chains: Chains): WebhookHint | null;
