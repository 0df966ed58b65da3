export declare const wallets: {
    /** Makes the custodial wallet of an owner, or returns the one there is. `owner` is your own reference to a person. */
    create: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            owner: string;
        };
        output: import("../contract/entities.ts").Wallet;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Returns one wallet by its id. */
    get: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            walletId: string;
        };
        output: import("../contract/entities.ts").Wallet;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists the app's wallets, newest first. */
    list: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            owner?: string | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").Wallet>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** What a wallet holds of every registered asset, read from the chain now. */
    balances: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            walletId: string;
        };
        output: import("../contract/entities.ts").Balance[];
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
