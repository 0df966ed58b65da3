import type { Chain, ChainOptions } from './chain.ts'
import { connectChain } from './chain.ts'

/** The chains this service knows. */
export interface Chains {
  get(chainId: number | bigint): Chain | undefined
  all(): Chain[]
}

/** Connects to each configured chain. Connections are lazy: a chain that is down does not stop the start. */
export function connectChains(options: readonly ChainOptions[]): Chains {
  const chains = new Map(options.map((option) => [option.chainId, connectChain(option)]))
  return {
    get: (chainId) => chains.get(Number(chainId)),
    all: () => [...chains.values()],
  }
}
