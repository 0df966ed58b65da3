export declare const assets: {
    /** Makes a token on a configured chain payable. Symbol and decimals are read from its contract. */
    register: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            chainId: number;
            address: string;
        };
        output: import("../contract/entities.ts").Asset;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists the tokens that can be paid with. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").Asset>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
