export declare const apiKeys: {
    /** Makes a key for an app's servers. Its secret is in this answer and nowhere else. */
    create: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            appId: string;
            name: string;
            expiresAt?: Date | null | undefined;
            idempotencyKey: string;
        };
        output: import("../contract/entities.ts").NewApiKey;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Ends a key at once. */
    revoke: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            keyId: string;
        };
        output: import("../contract/entities.ts").ApiKey;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists the keys of an app, newest first. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            appId: string;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").ApiKey>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
