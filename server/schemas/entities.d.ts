import * as z from 'zod';
import type * as entity from '../contract/entities.ts';
export declare const appShape: z.ZodObject<{
    id: z.ZodString;
    name: z.ZodString;
    createdAt: z.ZodDate;
}, z.core.$strip>;
export declare const app: z.core.$ZodType<entity.App, entity.App>;
export declare const apiKeyShape: z.ZodObject<{
    id: z.ZodString;
    appId: z.ZodNullable<z.ZodString>;
    name: z.ZodString;
    prefix: z.ZodString;
    createdAt: z.ZodDate;
    expiresAt: z.ZodNullable<z.ZodDate>;
    revokedAt: z.ZodNullable<z.ZodDate>;
}, z.core.$strip>;
export declare const apiKey: z.core.$ZodType<entity.ApiKey, entity.ApiKey>;
export declare const newApiKey: z.core.$ZodType<entity.NewApiKey, entity.NewApiKey>;
export declare const assetShape: z.ZodObject<{
    id: z.ZodString;
    chain: z.core.$ZodType<`eip155:${number}`, `eip155:${number}`, z.core.$ZodTypeInternals<`eip155:${number}`, `eip155:${number}`>>;
    address: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    symbol: z.ZodString;
    decimals: z.ZodInt;
}, z.core.$strip>;
export declare const asset: z.core.$ZodType<entity.Asset, entity.Asset>;
export declare const walletShape: z.ZodObject<{
    id: z.ZodString;
    kind: z.ZodEnum<{
        custodial: "custodial";
        external: "external";
        treasury: "treasury";
    }>;
    address: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    owner: z.ZodString;
    createdAt: z.ZodDate;
}, z.core.$strip>;
export declare const wallet: z.core.$ZodType<entity.Wallet, entity.Wallet>;
export declare const balanceShape: z.ZodObject<{
    assetId: z.ZodString;
    chain: z.core.$ZodType<`eip155:${number}`, `eip155:${number}`, z.core.$ZodTypeInternals<`eip155:${number}`, `eip155:${number}`>>;
    symbol: z.ZodString;
    decimals: z.ZodInt;
    amount: z.ZodBigInt;
}, z.core.$strip>;
export declare const balance: z.core.$ZodType<entity.Balance, entity.Balance>;
export declare const paywallShape: z.ZodObject<{
    id: z.ZodString;
    title: z.ZodString;
    assetId: z.ZodString;
    price: z.ZodBigInt;
    recipient: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    accessSeconds: z.ZodNullable<z.ZodNumber>;
    state: z.ZodEnum<{
        archived: "archived";
        open: "open";
    }>;
    expiresAt: z.ZodNullable<z.ZodDate>;
    createdAt: z.ZodDate;
    updatedAt: z.ZodDate;
}, z.core.$strip>;
export declare const paywall: z.core.$ZodType<entity.Paywall, entity.Paywall>;
export declare const checkShape: z.ZodObject<{
    rule: z.ZodString;
    outcome: z.ZodEnum<{
        allow: "allow";
        deny: "deny";
        review: "review";
    }>;
    code: z.ZodString;
    message: z.ZodString;
    list: z.ZodNullable<z.ZodString>;
    remedy: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export declare const decisionShape: z.ZodObject<{
    id: z.ZodString;
    action: z.ZodString;
    outcome: z.ZodEnum<{
        allow: "allow";
        deny: "deny";
        review: "review";
    }>;
    checks: z.ZodArray<z.ZodObject<{
        rule: z.ZodString;
        outcome: z.ZodEnum<{
            allow: "allow";
            deny: "deny";
            review: "review";
        }>;
        code: z.ZodString;
        message: z.ZodString;
        list: z.ZodNullable<z.ZodString>;
        remedy: z.ZodNullable<z.ZodString>;
    }, z.core.$strip>>;
    listVersion: z.ZodBigInt;
    createdAt: z.ZodDate;
}, z.core.$strip>;
export declare const decision: z.core.$ZodType<entity.Decision, entity.Decision>;
export declare const listEntryShape: z.ZodObject<{
    id: z.ZodString;
    list: z.ZodString;
    kind: z.ZodLiteral<"deny">;
    address: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    reason: z.ZodString;
    source: z.ZodString;
    createdAt: z.ZodDate;
    removedAt: z.ZodNullable<z.ZodDate>;
}, z.core.$strip>;
export declare const listEntry: z.core.$ZodType<entity.ListEntry, entity.ListEntry>;
export declare const paymentState: z.ZodEnum<{
    accepted: "accepted";
    attention: "attention";
    cancelled: "cancelled";
    expired: "expired";
    failed: "failed";
    held: "held";
    refused: "refused";
    settled: "settled";
    submitted: "submitted";
}>;
export declare const paymentShape: z.ZodObject<{
    id: z.ZodString;
    paywallId: z.ZodString;
    walletId: z.ZodString;
    assetId: z.ZodString;
    chain: z.core.$ZodType<`eip155:${number}`, `eip155:${number}`, z.core.$ZodTypeInternals<`eip155:${number}`, `eip155:${number}`>>;
    payer: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    recipient: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    amount: z.ZodBigInt;
    state: z.ZodEnum<{
        accepted: "accepted";
        attention: "attention";
        cancelled: "cancelled";
        expired: "expired";
        failed: "failed";
        held: "held";
        refused: "refused";
        settled: "settled";
        submitted: "submitted";
    }>;
    decisionId: z.ZodString;
    transactionId: z.ZodString;
    transactionHash: z.ZodUnion<readonly [z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>, z.ZodNull]>;
    blockNumber: z.ZodNullable<z.ZodBigInt>;
    failure: z.ZodNullable<z.ZodObject<{
        reason: z.ZodString;
        message: z.ZodString;
    }, z.core.$strip>>;
    settledAt: z.ZodNullable<z.ZodDate>;
    createdAt: z.ZodDate;
    updatedAt: z.ZodDate;
}, z.core.$strip>;
export declare const payment: z.core.$ZodType<entity.Payment, entity.Payment>;
export declare const acceptedPaymentShape: z.ZodObject<{
    id: z.ZodString;
    paywallId: z.ZodString;
    walletId: z.ZodString;
    assetId: z.ZodString;
    chain: z.core.$ZodType<`eip155:${number}`, `eip155:${number}`, z.core.$ZodTypeInternals<`eip155:${number}`, `eip155:${number}`>>;
    payer: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    recipient: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    amount: z.ZodBigInt;
    state: z.ZodEnum<{
        accepted: "accepted";
        attention: "attention";
        cancelled: "cancelled";
        expired: "expired";
        failed: "failed";
        held: "held";
        refused: "refused";
        settled: "settled";
        submitted: "submitted";
    }>;
    decisionId: z.ZodString;
    transactionId: z.ZodString;
    transactionHash: z.ZodUnion<readonly [z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>, z.ZodNull]>;
    blockNumber: z.ZodNullable<z.ZodBigInt>;
    failure: z.ZodNullable<z.ZodObject<{
        reason: z.ZodString;
        message: z.ZodString;
    }, z.core.$strip>>;
    settledAt: z.ZodNullable<z.ZodDate>;
    createdAt: z.ZodDate;
    updatedAt: z.ZodDate;
    replayed: z.ZodBoolean;
}, z.core.$strip>;
export declare const acceptedPayment: z.core.$ZodType<entity.AcceptedPayment, entity.AcceptedPayment>;
export declare const quoteShape: z.ZodObject<{
    paywallId: z.ZodString;
    walletId: z.ZodString;
    assetId: z.ZodString;
    chain: z.core.$ZodType<`eip155:${number}`, `eip155:${number}`, z.core.$ZodTypeInternals<`eip155:${number}`, `eip155:${number}`>>;
    payer: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    recipient: z.core.$ZodType<`0x${string}`, `0x${string}`, z.core.$ZodTypeInternals<`0x${string}`, `0x${string}`>>;
    amount: z.ZodBigInt;
    balance: z.ZodBigInt;
    outcome: z.ZodEnum<{
        allow: "allow";
        deny: "deny";
        review: "review";
    }>;
    checks: z.ZodArray<z.ZodObject<{
        rule: z.ZodString;
        outcome: z.ZodEnum<{
            allow: "allow";
            deny: "deny";
            review: "review";
        }>;
        code: z.ZodString;
        message: z.ZodString;
        list: z.ZodNullable<z.ZodString>;
        remedy: z.ZodNullable<z.ZodString>;
    }, z.core.$strip>>;
    payable: z.ZodBoolean;
}, z.core.$strip>;
export declare const quote: z.core.$ZodType<entity.Quote, entity.Quote>;
export declare const accessShape: z.ZodObject<{
    id: z.ZodString;
    paywallId: z.ZodString;
    walletId: z.ZodString;
    paymentId: z.ZodString;
    startsAt: z.ZodDate;
    expiresAt: z.ZodNullable<z.ZodDate>;
    revokedAt: z.ZodNullable<z.ZodDate>;
}, z.core.$strip>;
export declare const access: z.core.$ZodType<entity.Access, entity.Access>;
export declare const accessCheck: z.core.$ZodType<entity.AccessCheck, entity.AccessCheck>;
export declare const auditLeafShape: z.ZodObject<{
    stream: z.ZodString;
    sequence: z.ZodBigInt;
    body: z.ZodString;
    hash: z.ZodString;
}, z.core.$strip>;
export declare const auditLeaf: z.core.$ZodType<entity.AuditLeaf, entity.AuditLeaf>;
/** An answer that may repeat an earlier one. */
export declare const createdApp: z.core.$ZodType<entity.App & {
    replayed: boolean;
}, entity.App & {
    replayed: boolean;
}>;
export declare const createdPaywall: z.core.$ZodType<entity.Paywall & {
    replayed: boolean;
}, entity.Paywall & {
    replayed: boolean;
}>;
