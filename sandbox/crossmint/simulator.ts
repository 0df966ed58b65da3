import type { Address, Hash } from 'viem'
import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import type { Behaviour, ChainOptions, RelayerOptions } from './options.ts'
import type { Relayer } from './relayer.ts'
import type { Store } from './store.ts'
import type { Webhooks } from './webhooks.ts'

export interface SimulatedChain extends ChainOptions {
  slug: string
}

/** What every part of the simulator works with. */
export interface Simulator {
  store: Store
  journal: Journal
  faults: Faults
  webhooks: Webhooks
  /** Can be changed while it runs. */
  behaviour: Behaviour
  relaying: RelayerOptions
  chains: ReadonlyMap<string, SimulatedChain>
  relayers: ReadonlyMap<string, Relayer>
}

export function explorerLink(chain: string, hash: Hash): string {
  return `https://explorer.sandbox.invalid/${chain}/tx/${hash}`
}

/** How Crossmint writes a token of a chain. */
export function tokenLocator(chain: string, token: Address): string {
  return `${chain}:${token}`
}
