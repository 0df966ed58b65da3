export declare const access: {
    /** Whether a wallet may open a paywall now, and until when. */
    check: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            paywallId: string;
            walletId: string;
        };
        output: import("../contract/entities.ts").AccessCheck;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists what was bought, newest first. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            walletId?: string | undefined;
            paywallId?: string | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").Access>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
