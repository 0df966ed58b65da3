export declare const audit: {
    /** Reads the audit trail of one object, oldest leaf first, with the bytes that every hash is of. */
    trail: import("@trpc/server").TRPCQueryProcedure<{
        input: {
            objectId: string;
            cursor?: string | null | undefined;
            limit?: number | undefined;
        };
        output: import("../contract/entities.ts").Page<import("../contract/entities.ts").AuditLeaf>;
        meta: import("../trpc.ts").Meta;
        errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    }>;
};
