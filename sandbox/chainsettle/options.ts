export interface ChainsettleOptions {
  /** A free one by default. */
  port?: number
  /** The chain that carries the registries; they are deployed there if they are not yet. */
  rpcUrl: string
  chainId: number
  /** Chainsettle's word for the chain; `base` by default. */
  network?: string
  /** How many exchanges the journal remembers. */
  journalSize?: number
}

/** What the sandbox's issuer writes into `assetTag`, and the levels that these are. */
export const levels = { 'kyc-basic': 1, 'kyc-full': 2, 'kyc-enhanced': 3 } as const

export type Tag = keyof typeof levels
