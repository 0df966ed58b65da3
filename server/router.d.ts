import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server';
import type { ErrorShape } from './contract/errors.ts';
import * as routes from './routes/index.ts';
import { type Meta } from './trpc.ts';
export declare const appRouter: TRPCBuiltRouter<{
    ctx: import("./context.ts").Context;
    meta: Meta;
    errorShape: import("@trpc/server").TRPCDefaultErrorShape;
    transformer: true;
}, TRPCDecorateCreateRouterOptions<typeof routes>>;
/** The router as its clients see it: every procedure, and nothing of the server's context. */
export type AppRouter = TRPCBuiltRouter<{
    ctx: object;
    meta: Meta;
    errorShape: ErrorShape;
    transformer: true;
}, TRPCDecorateCreateRouterOptions<typeof routes>>;
