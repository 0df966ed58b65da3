import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { Context } from './context.ts';
import type { AppPrincipal } from './domain/principal.ts';
/** What each procedure declares about itself: who may call it. */
export interface Meta {
    for: 'operator' | 'app';
}
export declare const router: import("@trpc/server").TRPCRouterBuilder<{
    ctx: Context;
    meta: Meta;
    errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    transformer: true;
}>;
/** A procedure for the platform's operators. */
export declare const operatorProcedure: import("@trpc/server").TRPCProcedureBuilder<Context, Meta, {
    principal: {
        kind: 'service';
        keyId: string;
        appId: string | null;
    };
}, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, false, import("@trpc/server").TRPCDefaultErrorShape>;
/** A procedure for an app's servers. */
export declare const appProcedure: import("@trpc/server").TRPCProcedureBuilder<Context, Meta, {
    principal: AppPrincipal;
}, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, import("@trpc/server").TRPCUnsetMarker, false, import("@trpc/server").TRPCDefaultErrorShape>;
/** The JSON-RPC number of a TRPC code, for answers that tRPC itself does not make. */
export declare const rpcCode: (code: keyof typeof TRPC_ERROR_CODES_BY_KEY) => number;
