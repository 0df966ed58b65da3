export declare const payments: {
    /** Tells what `create` would answer now, with the same compliance checks. Changes nothing. */
    quote: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            paywallId: string;
            walletId: string;
        };
        output: import("../contract/entities.ts").Quote;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Pays a paywall from one of the app's wallets. Answered means: it will settle once, or you will be told why not. */
    create: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            paywallId: string;
            walletId: string;
            idempotencyKey: string;
        };
        output: import("../contract/entities.ts").AcceptedPayment;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Returns one payment by its id. */
    get: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            paymentId: string;
        };
        output: import("../contract/entities.ts").Payment;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists the app's payments, newest first. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            walletId?: string | undefined;
            paywallId?: string | undefined;
            state?: "accepted" | "attention" | "cancelled" | "expired" | "failed" | "held" | "refused" | "settled" | "submitted" | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").Payment>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Takes a payment back that was not handed to the wallet provider yet. */
    cancel: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            paymentId: string;
        };
        output: import("../contract/entities.ts").Payment;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
