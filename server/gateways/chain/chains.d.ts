import type { Chain, ChainOptions } from './chain.ts';
/** The chains this service knows. */
export interface Chains {
    get(chainId: number | bigint): Chain | undefined;
    all(): Chain[];
}
/** Connects to each configured chain. Connections are lazy: a chain that is down does not stop the start. */
export declare function connectChains(options: readonly ChainOptions[]): Chains;
