export declare const decisions: {
    /** Returns a compliance decision with every check that led to it. */
    get: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            decisionId: string;
        };
        output: import("../contract/entities.ts").Decision;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
