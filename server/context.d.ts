import type { IncomingMessage } from 'node:http';
import type { Principal } from './domain/principal.ts';
import type { Services } from './services.ts';
/** What a procedure knows of the request it answers. A batch shares one. */
export interface Context {
    services: Services;
    requestId: string;
    /** Who is calling; null without a valid key. Looked up when first asked for. */
    principal: () => Promise<Principal | null>;
}
/** A request that was given an id by the first middleware. */
export type NamedRequest = IncomingMessage & {
    requestId: string;
};
