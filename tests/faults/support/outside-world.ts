import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDatabase } from '../../../db/embedded.ts'
import { migrate } from '../../../db/migrate.ts'
import { deployContracts, type SandboxContracts } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { startChain } from '../../../sandbox/chain/start-chain.ts'
import type { CrossmintOptions } from '../../../sandbox/crossmint/options.ts'
import { freePort } from '../../../sandbox/free-port.ts'
import { ensureOperatorKey } from '../../../sandbox/operator-key.ts'
import { FUJI } from '../../../sandbox/sandbox.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'

/** Something the service depends on, in a process of its own. */
export interface Dependency {
  /** As readiness names it. */
  name: string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again where it was. */
  restart(): Promise<void>
}

/** Database, chain and Crossmint as processes that can be killed and remember what they had. */
export interface OutsideWorld extends AsyncDisposable {
  environment: Record<string, string>
  serviceUrl: string
  chainUrl: string
  contracts: SandboxContracts
  dependencies: Dependency[]
}

export async function outsideWorld(): Promise<OutsideWorld> {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'provider-service-outages-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))

  const database = await openDatabase(join(directory, 'postgres'))
  stack.defer(() => database.stop())
  const chain = await openChain(join(directory, 'chain.json'))
  stack.defer(() => chain.stop())
  const contracts = await deployContracts(chain.url)
  const [crossmintPort, servicePort] = [await freePort(), await freePort()]
  const serviceUrl = `http://127.0.0.1:${servicePort}`
  const crossmint = await openCrossmint({
    port: crossmintPort,
    apiKeys: [{ key: sandboxSecrets.crossmintApiKey, projectId: 'sandbox' }],
    chains: {
      'avalanche-fuji': { rpcUrl: chain.url, chainId: FUJI, usdc: contracts.usdc, factory: contracts.factory },
    },
    webhook: { url: `${serviceUrl}/webhooks/crossmint`, secret: sandboxSecrets.webhookSecret },
    rateLimit: 'unlimited',
    stateFile: join(directory, 'crossmint.jsonl'),
  })
  stack.defer(() => crossmint.kill())

  const owned = stack.move()
  return {
    serviceUrl,
    chainUrl: chain.url,
    contracts,
    dependencies: [database, chain, crossmint],
    environment: {
      PROVIDER_ENVIRONMENT: 'sandbox',
      PORT: String(servicePort),
      LOG_LEVEL: 'info',
      DATABASE_URL: database.url,
      CROSSMINT_URL: `http://127.0.0.1:${crossmintPort}/api`,
      CROSSMINT_API_KEY: sandboxSecrets.crossmintApiKey,
      CROSSMINT_SIGNER_KEY: sandboxSecrets.signerKey,
      CROSSMINT_WEBHOOK_SECRET: sandboxSecrets.webhookSecret,
      PUBLIC_URL: 'http://127.0.0.1:4000',
      SESSION_PASSWORDS: `1:${sandboxSecrets.sessionPassword}`,
      TOKEN_KEYS: `sandbox:${sandboxSecrets.tokenSeed}`,
      AUDIT_KEYS: `sandbox:${sandboxSecrets.auditSeed}`,
      RATE_LIMITS: 'off',
      CROSSMINT_RATE_LIMIT: 'unlimited',
      CROSSMINT_TIMEOUT_MS: '2000',
      CHAINS: JSON.stringify([{ chainId: FUJI, rpcUrl: chain.url, finality: 8 }]),
      LOOK_FIRST_MS: '200',
      LOOK_LONGEST_MS: '1000',
      LEASE_MS: '3000',
      BLOCK_INTERVAL_MS: '200',
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openDatabase(directory: string) {
  const options = { directory, durable: false }
  let server = await startDatabase(options)
  await migrate(server.ownerUrl, { applicationRole: 'provider_app' })
  await ensureOperatorKey(server.applicationUrl, sandboxSecrets.operatorKey)
  return {
    name: 'database',
    url: server.applicationUrl,
    kill: () => server.kill(),
    async restart() {
      server = await startDatabase(options)
    },
    stop: () => server.stop(),
  }
}

async function openChain(stateFile: string) {
  let chain = await startChain({ chainId: FUJI, stateFile })
  const { url } = chain
  return {
    name: `chain eip155:${FUJI}`,
    url,
    async kill() {
      // a chain does not forget its blocks when a node dies, only what waits to be included
      await rpc(url, 'evm_setAutomine', [false])
      await chain.save()
      process.kill(chain.processId, 'SIGKILL')
      await chain.stop()
    },
    async restart() {
      chain = await startChain({ chainId: FUJI, stateFile, port: Number(new URL(url).port) })
    },
    stop: () => chain.stop(),
  }
}

const simulator = fileURLToPath(new URL('../../../sandbox/crossmint/main.ts', import.meta.url))

async function openCrossmint(options: CrossmintOptions) {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(simulator, [], {
      env: { PATH: process.env.PATH, CROSSMINT_OPTIONS: JSON.stringify(options) },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      execArgv: [],
    })
    await once(child.stdout!, 'data')
    return child
  }
  let child = await start()
  return {
    name: 'wallet provider',
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async restart() {
      child = await start()
    },
  }
}
