import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createControl } from './control-endpoints.ts'
import { createFaults } from './faults.ts'
import { openJournal } from './journal.ts'
import { type CrossmintOptions, defaultBehaviour, defaultRateLimit, defaultRelayer } from './options.ts'
import { createRateLimiter } from './rate-limit.ts'
import { createRelayer, type Relayer } from './relayer.ts'
import { createCrossmintServer } from './server.ts'
import type { SimulatedChain, Simulator } from './simulator.ts'
import { openStore } from './store.ts'
import { releaseInTime } from './transaction-states.ts'
import { startWatcher } from './watcher.ts'
import { createWebhooks } from './webhooks.ts'

export interface RunningCrossmint extends AsyncDisposable {
  /** What Crossmint's base URL is replaced with: it ends in `/api`. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts a Crossmint of our own on the loopback interface: the documented REST interface of wallets, backed by real smart accounts on
 * local chains. The chains have to carry the contracts of `deployContracts`. `controlOf(url)` makes it misbehave.
 */
export async function startCrossmint(options: CrossmintOptions): Promise<RunningCrossmint> {
  const behaviour = { ...defaultBehaviour, ...options.behaviour }
  const relaying = { ...defaultRelayer, ...options.relayer }
  const rateLimit = options.rateLimit ?? defaultRateLimit
  const webhook = options.webhook ?? null

  const store = openStore(options.stateFile)
  const journal = openJournal(options.journalSize ?? 5_000)
  const faults = createFaults(journal)
  const webhooks = createWebhooks({ store, journal, faults, timeScale: options.webhookTimeScale ?? 1 })
  const limiter = createRateLimiter(rateLimit)
  const chains = new Map<string, SimulatedChain>(
    Object.entries(options.chains).map(([slug, chain]) => [slug, { ...chain, slug }]),
  )
  const relayers = new Map<string, Relayer>()
  const simulator: Simulator = { store, journal, faults, webhooks, behaviour, relaying, chains, relayers }
  for (const chain of chains.values()) relayers.set(chain.slug, createRelayer(simulator, chain))

  const initial = { webhook, behaviour: { ...behaviour }, relayer: { ...relaying }, rateLimit }
  const control = createControl(simulator, limiter, initial)
  const server = createCrossmintServer({ simulator, apiKeys: options.apiKeys, limiter, control })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')

  webhooks.setEndpoint(webhook)
  webhooks.resume()
  resume(simulator)
  const watchers = [...chains.values()].map((chain) => startWatcher(simulator, chain, relayers.get(chain.slug)!))

  let stopped: Promise<void> | undefined
  async function shutDown() {
    server.close()
    server.closeAllConnections()
    for (const relayer of relayers.values()) relayer.stop()
    await Promise.all([webhooks.stop(), ...watchers.map((watcher) => watcher.stop())])
  }
  const stop = () => {
    stopped ??= shutDown()
    return stopped
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/api`, stop, [Symbol.asyncDispose]: stop }
}

/** Goes on with what a former run had approved. One that landed meanwhile is seen by the watcher, or refused by its nonce. */
function resume(simulator: Simulator): void {
  for (const transaction of simulator.store.maps.transaction.values()) {
    releaseInTime(simulator, transaction)
    if (transaction.status === 'pending') simulator.relayers.get(transaction.chain)?.enqueue(transaction)
  }
}
