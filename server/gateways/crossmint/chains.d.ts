/** Crossmint names chains by fixed words; we name them by chain id. */
export interface Chains {
    slugOf(chainId: number): string | null;
    idOf(slug: string): number | null;
}
/** `extra` adds chains, or renames one of ours, by chain id. */
export declare function createChains(extra?: Readonly<Record<number, string>>): Chains;
