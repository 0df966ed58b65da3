import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { type Client, createClient } from '../../client-sdk/index.ts'
import { deployContracts, mintUsdc, type SandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { readTransfers } from '../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import { controlOf as chainsettleControlOf } from '../../sandbox/chainsettle/control.ts'
import { chainsettleSetting } from '../../sandbox/chainsettle/setting.ts'
import { startChainsettle } from '../../sandbox/chainsettle/start-chainsettle.ts'
import { controlOf } from '../../sandbox/crossmint/control.ts'
import type { CrossmintOptions } from '../../sandbox/crossmint/options.ts'
import { startCrossmint } from '../../sandbox/crossmint/start-crossmint.ts'
import { type RunningHttpayer, startHttpayer } from '../../sandbox/httpayer/start-httpayer.ts'
import { ensureOperatorKey } from '../../sandbox/operator-key.ts'
import { type PaidApi, startPaidApi } from '../../sandbox/paid-api/start-paid-api.ts'
import { startRpcProxy } from '../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { FUJI } from '../../sandbox/sandbox.ts'
import { USDC } from '../../sandbox/seed.ts'
import { installAllowList, setAllowListRole } from '../../sandbox/tokens/install-allow-list.ts'
import { createApp } from '../../server/app.ts'
import { type Built, buildServices } from '../../server/build-services.ts'
import type { Address, Payment, PaymentState, Paywall, Wallet } from '../../server/contract/entities.ts'
import { readEnvironment } from '../../server/environment.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import type { Clock } from '../../server/services.ts'
import { crossmintContract } from './crossmint-contract.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { eventually } from './eventually.ts'

export { USDC }

export interface WorldOptions {
  /** Variables of the service beside those that every world has. */
  environment?: Record<string, string>
  crossmint?: Partial<CrossmintOptions>
  /** Seconds between blocks; without it each transaction makes one. */
  blockTime?: number
  /** False leaves accepted payments queued. */
  workers?: boolean
  /** True starts a Chainsettle too, on the world's chain. */
  attestations?: boolean
  /** True starts a paid API and an HTTPayer too. */
  selling?: boolean
  /** True makes the chain one that takes transactions only of whom its list names: of the agent's and of Crossmint's, until told otherwise. */
  permissioned?: boolean
  clock?: Clock
}

/** A line of the service's log: its message, and whatever else it says. */
export interface LogLine extends Record<string, unknown> {
  msg: string
}

/** The service in this process, on real PostgreSQL, a real chain and a Crossmint of our own, with one app in it. */
export interface World extends AsyncDisposable {
  url: string
  built: Built
  /** What the service logged so far, from `info` on. */
  log: LogLine[]
  database: TestDatabase
  chain: Chain
  contracts: SandboxContracts
  crossmint: ReturnType<typeof controlOf>
  /** @throws Error in a world that was not asked to have one */
  chainsettle(): ReturnType<typeof chainsettleControlOf> & { url: string }
  /** The paid API and the HTTPayer. @throws Error in a world that was not asked to have them */
  selling(): { api: PaidApi; httpayer: RunningHttpayer }
  /** The account that pays for APIs. */
  buyer: Address
  /** An account whose key the service has, and which can pay for gas. */
  agent: Address
  /** Who brings custodial wallets' transactions to the chain. */
  relayer: Address
  /** Takes a sender off the list of a permissioned chain, or puts it on it. */
  setSender(sender: Address, role: 'setNone' | 'setEnabled'): Promise<void>
  operator: Client
  appId: string
  apiKey: string
  client: Client
  assetId: string
  /** A further instance of the service on the same database, without a door of its own: it only works. */
  instance(): Built
  /** A second app, to which nothing of the first belongs. */
  stranger(): Promise<{ client: Client; appId: string; apiKey: string }>
  paywall(patch?: { price?: bigint; recipient?: string; accessSeconds?: number; expiresAt?: Date }): Promise<Paywall>
  /** A custodial wallet with this much USDC, in base units. */
  wallet(amount?: bigint): Promise<Wallet>
  /** Waits until a payment comes to one of these states. */
  until(paymentId: string, ...states: PaymentState[]): Promise<Payment>
  /** How often the chain shows a USDC transfer of exactly this amount from this wallet. */
  transfers(from: string, amount: bigint): Promise<number>
}

/** Quick enough for a test, and in the same order as the real ones. */
const patience = {
  DEADLINE_MS: '4000',
  DISBELIEF_MS: '600',
  LOOK_FIRST_MS: '100',
  LOOK_LONGEST_MS: '500',
  LEASE_MS: '2000',
  BLOCK_INTERVAL_MS: '100',
  SEAL_INTERVAL_MS: '250',
  // what the clock does is tested where it is the matter
  REPORT_SCHEDULE: 'off',
  RETENTION_SCHEDULE: 'off',
}

const [agentKey, relayerKey] = [generatePrivateKey(), generatePrivateKey()]
const listAdmin = privateKeyToAccount(generatePrivateKey()).address

export async function testWorld(options: WorldOptions = {}): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const [database, chain] = await Promise.all([
    testDatabase().then((started) => stack.use(started)),
    startChain({ chainId: FUJI, ...(options.blockTime !== undefined && { blockTime: options.blockTime }) }).then(
      (started) => stack.use(started),
    ),
  ])
  const [contracts] = await Promise.all([
    deployContracts(chain.url),
    ensureOperatorKey(database.applicationUrl, sandboxSecrets.operatorKey),
  ])
  const agent = privateKeyToAccount(agentKey).address
  const relayer = privateKeyToAccount(relayerKey).address
  const setSender: World['setSender'] = (sender, role) => setAllowListRole(chain.url, listAdmin, role, sender)
  const node = options.permissioned ? stack.use(await startRpcProxy(chain.url, { allowList: 'precompile' })) : chain
  if (options.permissioned) {
    await installAllowList(chain.url, listAdmin)
    for (const sender of [agent, relayer]) await setSender(sender, 'setEnabled')
  }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const crossmint = stack.use(
    await startCrossmint({
      apiKeys: [{ key: sandboxSecrets.crossmintApiKey, projectId: 'sandbox' }],
      chains: {
        'avalanche-fuji': {
          rpcUrl: node.url,
          chainId: FUJI,
          usdc: contracts.usdc,
          factory: contracts.factory,
          relayerKey,
        },
      },
      webhook: { url: `${url}/webhooks/crossmint`, secret: sandboxSecrets.webhookSecret },
      rateLimit: 'unlimited',
      webhookTimeScale: 0.01,
      ...options.crossmint,
    }),
  )
  stack.defer(() => followsContract(crossmint.url))
  const chainsettle = options.attestations
    ? stack.use(await startChainsettle({ rpcUrl: chain.url, chainId: FUJI }))
    : null
  const selling = options.selling ? await startSelling(chain.url, contracts.usdc) : null
  if (selling) for (const each of Object.values(selling)) stack.use(each)
  const buyer = privateKeyToAccount(sandboxSecrets.buyerKey).address
  const environment = readEnvironment({
    PROVIDER_ENVIRONMENT: 'sandbox',
    LOG_LEVEL: 'info',
    DATABASE_URL: database.applicationUrl,
    CROSSMINT_URL: crossmint.url,
    CROSSMINT_API_KEY: sandboxSecrets.crossmintApiKey,
    CROSSMINT_SIGNER_KEY: sandboxSecrets.signerKey,
    CROSSMINT_WEBHOOK_SECRET: sandboxSecrets.webhookSecret,
    PUBLIC_URL: url,
    SESSION_PASSWORDS: `1:${sandboxSecrets.sessionPassword}`,
    TOKEN_KEYS: `sandbox:${sandboxSecrets.tokenSeed}`,
    AUDIT_KEYS: `sandbox:${sandboxSecrets.auditSeed}`,
    CROSSMINT_RATE_LIMIT: 'unlimited',
    CROSSMINT_TIMEOUT_MS: '1000',
    CHAINS: JSON.stringify([
      {
        chainId: FUJI,
        rpcUrl: node.url,
        finality: 4,
        localSigner: {},
        txAllowList: options.permissioned ?? false,
        crossmintSenders: [relayer],
      },
    ]),
    LOCAL_SIGNER_KEYS: `agent:${agentKey}`,
    X402_SIGNER: 'agent',
    RATE_LIMITS: 'off',
    WEBHOOK_TARGETS: 'any',
    WEBHOOK_WAITS: '0.05,0.1,0.2,0.4,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5',
    WEBHOOK_TIMEOUT_MS: '1000',
    BUYER_KEY: sandboxSecrets.buyerKey,
    PURCHASE_TARGETS: 'any',
    PURCHASE_TIMEOUT_MS: '10000',
    ...(selling && { HTTPAYER_URL: selling.httpayer.url, HTTPAYER_API_KEY: sandboxSecrets.httpayerKey }),
    ...(chainsettle && {
      CHAINSETTLE: chainsettleSetting(chainsettle.url, FUJI),
      CHAINSETTLE_CALLBACK_SECRET: sandboxSecrets.callbackSecret,
    }),
    ...patience,
    ...options.environment,
  })
  await rpc(chain.url, 'anvil_setBalance', [agent, numberToHex(10n ** 21n)])
  const log: LogLine[] = []
  const logTo = {
    write(line: string) {
      log.push(JSON.parse(line))
      if (process.env.SHOW_LOG) process.stdout.write(line)
    },
  }
  const instance = () => {
    const { clock } = options
    const another = buildServices(environment, { onQuery: database.onQuery, logTo, ...(clock && { clock }) })
    instances.defer(() => another.stop())
    return another
  }
  const instances = stack.use(new AsyncDisposableStack())
  const built = instance()
  const app = createApp(built.edge)
  server.on('request', app)
  stack.defer(async () => {
    server.close()
    server.closeAllConnections()
  })
  if (options.workers !== false) built.startWorkers()

  const operator = createClient({ url, apiKey: sandboxSecrets.operatorKey })
  const newApp = async (name: string) => {
    const { id: appId } = await operator.apps.create.mutate({
      name,
      origins: ['http://app.localhost:3000'],
      idempotencyKey: randomUUID(),
    })
    const { secret } = await operator.apiKeys.create.mutate({ appId, name: 'test', idempotencyKey: randomUUID() })
    return { appId, apiKey: secret!, client: createClient({ url, apiKey: secret! }) }
  }
  const [{ appId, apiKey, client }, asset] = await Promise.all([
    newApp('test'),
    operator.assets.register.mutate({ chainId: FUJI, address: contracts.usdc }),
  ])
  const owned = stack.move()
  return {
    url,
    built,
    log,
    database,
    chain,
    contracts,
    crossmint: controlOf(crossmint.url),
    chainsettle() {
      if (!chainsettle) throw new Error('This world has no Chainsettle: give it the option "attestations"')
      return { ...chainsettleControlOf(chainsettle.url), url: chainsettle.url }
    },
    selling() {
      if (!selling) throw new Error('This world has nobody who sells: give it the option "selling"')
      return selling
    },
    buyer,
    agent,
    relayer,
    setSender,
    operator,
    appId,
    apiKey,
    client,
    assetId: asset.id,
    instance,
    stranger: () => newApp('stranger'),
    paywall: (patch = {}) =>
      client.paywalls.create.mutate({
        title: 'A test',
        assetId: asset.id,
        price: USDC,
        recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
        idempotencyKey: randomUUID(),
        ...patch,
      }),
    async wallet(amount = 100n * USDC) {
      const wallet = await client.wallets.create.mutate({ owner: randomUUID() })
      if (amount > 0n) await mintUsdc(chain.url, { to: wallet.address, amount })
      return wallet
    },
    until: (paymentId, ...states) =>
      eventually(async () => {
        const payment = await client.payments.get.query({ paymentId })
        if (!states.includes(payment.state))
          throw new Error(`payment is ${payment.state} (${payment.failure?.reason}), not ${states.join(' or ')}`)
        return payment
      }),
    transfers: async (from, amount) =>
      (await readTransfers(chain.url, contracts.usdc)).filter((one) => one.from === from && one.amount === amount)
        .length,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function startSelling(rpcUrl: string, token: Address): Promise<{ api: PaidApi; httpayer: RunningHttpayer }> {
  const payee = privateKeyToAccount(generatePrivateKey()).address
  const buyer = privateKeyToAccount(sandboxSecrets.buyerKey).address
  const [api, httpayer] = await Promise.all([
    startPaidApi({ rpcUrl, chainId: FUJI, token, payee }),
    startHttpayer({ rpcUrl, chainId: FUJI, apiKey: sandboxSecrets.httpayerKey }),
    mintUsdc(rpcUrl, { to: buyer, amount: 1_000n * USDC }),
  ])
  return { api, httpayer }
}

const contract = process.env.CROSSMINT_OPENAPI ? crossmintContract() : null

/**
 * Whatever was asked of Crossmint in a test and whatever it answered must be what its OpenAPI file says, where there is one; but
 * for what a fault has garbled.
 *
 * @throws Error naming each exchange that is not
 */
async function followsContract(url: string): Promise<void> {
  if (!contract) return
  const exchanges = await controlOf(url)
    .journal({ type: 'exchange' })
    .catch(() => []) // the test has ended it
  const problems = exchanges
    .filter(({ faults }) => faults.length === 0)
    .flatMap((exchange) =>
      contract.validateExchange(exchange).map((problem) => `${exchange.method} ${exchange.path}: ${problem}`),
    )
  if (problems.length > 0)
    throw new Error(`Not what Crossmint's OpenAPI file says:\n${problems.slice(0, 10).join('\n')}`)
}
