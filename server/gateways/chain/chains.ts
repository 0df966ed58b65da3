import type { Chain, ChainOptions } from './chain.ts'
import { connectChain } from './chain.ts'
import { WrongChain } from './rpc.ts'

/** The chains this service knows. */
export interface Chains {
  /** By its number, or its CAIP-2 id such as `eip155:43113`. */
  get(chainId: number | bigint | `eip155:${string}`): Chain | undefined
  all(): Chain[]
}

/** Connects to each configured chain. Connections are lazy: a chain that is down does not stop the start. */
export function connectChains(options: readonly ChainOptions[]): Chains {
  const chains = new Map(options.map((option) => [option.chainId, connectChain(option)]))
  return {
    get: (chainId) => chains.get(Number(typeof chainId === 'string' ? chainId.slice('eip155:'.length) : chainId)),
    all: () => [...chains.values()],
  }
}

/** What became of asking all nodes which chains they are of, in sentences. */
export interface Verification {
  /** Nodes of other chains: the service must not start with them. */
  wrong: string[]
  /** Chains of which nodes did not tell: they are asked again before anything else is. */
  silent: string[]
}

export async function verifyChains(chains: Chains): Promise<Verification> {
  const verification: Verification = { wrong: [], silent: [] }
  await Promise.all(
    chains.all().map(async (chain) => {
      try {
        const { silent } = await chain.verify()
        if (silent > 0) verification.silent.push(`eip155:${chain.chainId}`)
      } catch (error) {
        if (!(error instanceof WrongChain)) throw error
        verification.wrong.push(`${error.message}. Look at its rpcUrl in CHAINS.`)
      }
    }),
  )
  return verification
}
