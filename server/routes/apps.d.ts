export declare const apps: {
    /** Registers a client application: the tenant to which everything belongs. */
    create: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            name: string;
            idempotencyKey: string;
        };
        output: import("../contract/entities.ts").App & {
            replayed: boolean;
        };
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** The app your key belongs to. */
    mine: import("@trpc/server").TRPCQueryProcedure<{
        input: void;
        output: import("../contract/entities.ts").App;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
