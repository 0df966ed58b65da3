/** The chains that Sherry knows, and the names that versions up to 2.20 have for some of them. */
const names: Readonly<Record<number, string | null>> = {
  1: 'ethereum',
  3278: null,
  5000: null,
  5003: null,
  8453: null,
  42220: 'celo',
  43113: 'fuji',
  43114: 'avalanche',
  44787: 'alfajores',
  84532: null,
  11155111: 'sepolia',
}

/** How the two versions of Sherry's SDK differ: the older takes a chain's name, the newer its number. */
export const dialects = ['2.20', '2.27'] as const
export type Dialect = (typeof dialects)[number]

/** A chain in the words of a dialect; null for one that it does not know. */
export function sherryChain(dialect: Dialect, chainId: number): string | number | null {
  const name = names[chainId]
  if (name === undefined) return null
  return dialect === '2.20' ? name : chainId
}

/** The number of a chain that is named in either dialect; null for none that Sherry knows. */
export function chainIdOf(text: string): number | null {
  const known = Object.entries(names).find(([chainId, name]) => text === chainId || text === name)
  return known ? Number(known[0]) : null
}
