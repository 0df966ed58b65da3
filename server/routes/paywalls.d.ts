export declare const paywalls: {
    /** Opens a paywall: a resource with a price, an asset, a recipient and an access period. */
    create: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            title: string;
            assetId: string;
            price: bigint;
            recipient: string;
            accessSeconds?: number | null | undefined;
            expiresAt?: Date | null | undefined;
            idempotencyKey: string;
        };
        output: import("../contract/entities.ts").Paywall & {
            replayed: boolean;
        };
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Changes an open paywall. Payments accepted before keep what they were accepted for. */
    update: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            paywallId: string;
            title?: string | undefined;
            price?: bigint | undefined;
            recipient?: string | undefined;
            accessSeconds?: number | null | undefined;
            expiresAt?: Date | null | undefined;
        };
        output: import("../contract/entities.ts").Paywall;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Closes a paywall for good: no further payment is accepted. Access bought before stays. */
    archive: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            paywallId: string;
        };
        output: import("../contract/entities.ts").Paywall;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Returns one paywall by its id. */
    get: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            paywallId: string;
        };
        output: import("../contract/entities.ts").Paywall;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists the app's paywalls, newest first. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            state?: "archived" | "open" | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").Paywall>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
