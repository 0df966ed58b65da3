import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createControl } from './control-endpoints.ts'
import { deployRegistries } from './deploy-registries.ts'
import { createFaults } from './faults.ts'
import { openJournal } from './journal.ts'
import type { ChainsettleOptions } from './options.ts'
import { openRegistry } from './registry.ts'
import { createChainsettleServer } from './server.ts'
import type { Simulator } from './simulator.ts'

export interface RunningChainsettle extends AsyncDisposable {
  /** What Chainsettle's base URL is replaced with. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts a Chainsettle of our own on the loopback interface: its HTTP interface of the second generation in front of registries of the
 * third on a local chain. What is settled is on the chain and outlives it; its memory of salts and envelopes does not.
 * `controlOf(url)` makes it attest, vote and misbehave.
 */
export async function startChainsettle(options: ChainsettleOptions): Promise<RunningChainsettle> {
  await deployRegistries(options.rpcUrl)
  const simulator: Simulator = {
    registry: openRegistry(options.rpcUrl),
    journal: openJournal(options.journalSize ?? 2_000),
    faults: createFaults(),
    remembered: new Map(),
    lies: new Map(),
    voting: { automatic: true },
    options: { ...options, network: options.network ?? 'base' },
  }
  const server = createChainsettleServer(simulator, createControl(simulator))
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')

  const { port } = server.address() as AddressInfo
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop }
}
