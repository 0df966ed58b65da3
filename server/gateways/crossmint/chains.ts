/** Crossmint names chains by fixed words; we name them by chain id. */
export interface Chains {
  slugOf(chainId: number): string | null
  idOf(slug: string): number | null
}

const avalanche: Readonly<Record<number, string>> = { 43114: 'avalanche', 43113: 'avalanche-fuji' }

/** `extra` adds chains, or renames one of ours, by chain id. */
export function createChains(extra: Readonly<Record<number, string>> = {}): Chains {
  const slugs = new Map(Object.entries({ ...avalanche, ...extra }).map(([id, slug]) => [Number(id), slug]))
  const ids = new Map([...slugs].map(([id, slug]) => [slug, id]))
  return {
    slugOf: (chainId) => slugs.get(chainId) ?? null,
    idOf: (slug) => ids.get(slug) ?? null,
  }
}
