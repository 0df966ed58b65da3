export declare const lists: {
    /** Puts an address on a deny list: no payment from or to it is accepted or submitted from then on. */
    add: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            list: string;
            address: string;
            reason: string;
            source?: string | undefined;
        };
        output: import("../contract/entities.ts").ListEntry;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Takes an entry off its list. */
    remove: import("@trpc/server").TRPCMutationProcedure<{
        input: {
            entryId: string;
        };
        output: import("../contract/entities.ts").ListEntry;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
    /** Lists entries, newest first; with `removed`, those that were taken off as well. */
    entries: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            cursor?: string | null | undefined;
            limit?: number | undefined;
            list?: string | undefined;
            address?: string | undefined;
            removed?: boolean | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").ListEntry>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
