import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '../../client-sdk/index.ts'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import { FUJI, type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import { USDC } from '../../sandbox/seed.ts'
import { type Service, startService } from '../../sandbox/service.ts'
import type { Paywall, Wallet } from '../../server/contract/entities.ts'

export interface SettingOptions extends Partial<SandboxOptions> {
  /** Variables of the service beside the sandbox's. */
  environment?: Record<string, string>
  wallets: number
  paywalls: number
}

/** A throw-away sandbox, the service in a process of its own, and an app with funded wallets and open paywalls. */
export interface Setting extends AsyncDisposable {
  sandbox: Sandbox
  service: Service
  client: Client
  appId: string
  apiKey: string
  wallets: Wallet[]
  /** Each has a price and a recipient of its own. */
  paywalls: Paywall[]
  /** Starts the service anew, on the same port, after it was killed. */
  restart(): Promise<Service>
}

/** Base units that the first paywall asks; each further one asks one more. */
const FIRST_PRICE = USDC / 100n
const FUNDS = 1_000_000n * USDC

/** The page of the app. */
export const PAGE = 'http://app.localhost:3000'

/**
 * Brings everything up. Rate limits are off on both sides: what is measured is this software, not Crossmint's patience, nor ours
 * with one app, whose 2,000 payments a second a faster machine makes.
 */
export async function startSetting(options: SettingOptions): Promise<Setting> {
  const { environment = {}, wallets: walletCount, paywalls: paywallCount, ...sandboxOptions } = options
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), `provider-service-bench-${process.pid}-`))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const sandbox = stack.use(
    await startSandbox({ directory, keep: false, durable: true, rateLimit: 'unlimited', ...sandboxOptions }),
  )
  const variables = {
    ...sandbox.environment,
    LOG_LEVEL: 'warn',
    RATE_LIMITS: 'off',
    // for profiles: SERVICE_NODE_OPTIONS='--cpu-prof --cpu-prof-dir=/tmp/profiles'
    ...(process.env.SERVICE_NODE_OPTIONS && { NODE_OPTIONS: process.env.SERVICE_NODE_OPTIONS }),
    ...environment,
  }
  const logFile = join(directory, 'service.log')
  const running = { service: await startService(variables, logFile) }
  stack.defer(() => running.service.stop())

  const operator = createClient({ url: sandbox.serviceUrl, apiKey: sandbox.operatorKey })
  const [asset, app] = await Promise.all([
    operator.assets.register.mutate({ chainId: FUJI, address: sandbox.contracts.usdc }),
    operator.apps.create.mutate({ name: 'bench', origins: [PAGE], idempotencyKey: crypto.randomUUID() }),
  ])
  const { secret } = await operator.apiKeys.create.mutate({
    appId: app.id,
    name: 'bench',
    idempotencyKey: crypto.randomUUID(),
  })
  const client = createClient({ url: sandbox.serviceUrl, apiKey: secret! })

  const wallets = await inTurns(walletCount, 16, (index) => client.wallets.create.mutate({ owner: `payer-${index}` }))
  // one after the other: transactions of one account sent together race for its nonce
  for (const { address } of wallets) await mintUsdc(sandbox.chain.url, { to: address, amount: FUNDS })
  const paywalls = await inTurns(paywallCount, 16, (index) =>
    client.paywalls.create.mutate({
      title: `Paywall ${index}`,
      assetId: asset.id,
      price: FIRST_PRICE + BigInt(index),
      recipient: `0x${(0xbe9c_0000 + index).toString(16).padStart(40, '0')}`,
      idempotencyKey: crypto.randomUUID(),
    }),
  )

  const owned = stack.move()
  return {
    sandbox,
    get service() {
      return running.service
    },
    client,
    appId: app.id,
    apiKey: secret!,
    wallets,
    paywalls,
    async restart() {
      running.service = await startService(variables, logFile)
      return running.service
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Does the work for 0, 1, … `count` - 1, so many at once, and answers with the results in order. */
export async function inTurns<T>(count: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count)
  let next = 0
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  return results
}
