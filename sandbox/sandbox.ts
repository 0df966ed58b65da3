import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import { type EmbeddedDatabase, startDatabase } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'
import { sandboxSecrets } from '../server/sandbox-secrets.ts'
import { deployContracts, mintUsdc, type SandboxContracts } from './chain/deploy-contracts.ts'
import { installMulticall } from './chain/install-multicall.ts'
import { rpc } from './chain/rpc.ts'
import { type Chain, startChain } from './chain/start-chain.ts'
import { chainsettleSetting } from './chainsettle/setting.ts'
import { type RunningChainsettle, startChainsettle } from './chainsettle/start-chainsettle.ts'
import { type RunningCrossmint, startCrossmint } from './crossmint/start-crossmint.ts'
import { freePort } from './free-port.ts'
import { type RunningHttpayer, startHttpayer } from './httpayer/start-httpayer.ts'
import { ensureOperatorKey } from './operator-key.ts'
import { type PaidApi, startPaidApi } from './paid-api/start-paid-api.ts'
import { cashier, issueTokens, relayer, relayerKey, sandboxTokens, tokenAgent } from './tokens/issue-tokens.ts'

export interface SandboxOptions {
  /** Holds everything the sandbox keeps: delete it to begin anew. */
  directory: string
  /** Whether chains and simulators remember what happened when they are started again. */
  keep: boolean
  /** Whether a power cut may lose data; false is faster. */
  durable: boolean
  /** Seconds between blocks of the chain; without it each transaction makes one. */
  blockTime?: number
  /** Where the service will listen; a free port by default. */
  servicePort?: number
  /** Requests a minute of the Crossmint simulator and of the service's client; Crossmint's own by default. */
  rateLimit?: 'unlimited'
  /** Id of the second chain, the Evergreen L1. */
  evergreenId?: number
  /** PostgreSQL or CockroachDB to use in place of the embedded one, as the role that owns it. */
  databaseUrl?: string
}

/** The outside world on one machine, and the settings with which the service finds it. */
export interface Sandbox extends AsyncDisposable {
  database: Pick<EmbeddedDatabase, 'ownerUrl' | 'applicationUrl'>
  chain: Chain
  evergreen: Chain
  contracts: SandboxContracts
  /** Permissioned tokens on the second chain, the agent of which is the service's. */
  tokens: typeof sandboxTokens
  crossmint: RunningCrossmint
  chainsettle: RunningChainsettle
  /** An API of somebody else's that takes x402, and an HTTPayer that pays such. */
  paidApi: PaidApi
  httpayer: RunningHttpayer
  serviceUrl: string
  operatorKey: string
  /** What `server/main.ts` is started with. */
  environment: Record<string, string>
  stop(): Promise<void>
}

export const FUJI = 43_113

/** Who sells the sandbox's paid API. */
const API_SELLER = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'
const EVERGREEN = 99_372

/** 10^24 wei. */
const plentyOfGas = '0xd3c21bcecceda1000000'

/** Brings up the database, two chains with their contracts, Crossmint, and Chainsettle with its registries on the first chain. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { directory, keep, blockTime, rateLimit, evergreenId = EVERGREEN } = options
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const stack = new AsyncDisposableStack()
  try {
    const chainFiles = (name: string) =>
      keep ? { stateFile: join(directory, `${name}.json`), pidFile: join(directory, `${name}.pid`) } : {}
    const time = blockTime === undefined ? {} : { blockTime }
    const [database, chain, evergreen, servicePort] = await Promise.all([
      openDatabase(options).then((started) => stack.use(started)),
      startChain({ chainId: FUJI, ...time, ...chainFiles('fuji') }).then((started) => stack.use(started)),
      startChain({ chainId: evergreenId, ...time, ...chainFiles('evergreen') }).then((started) => stack.use(started)),
      options.servicePort ?? freePort(),
    ])
    const [contracts] = await Promise.all([
      deployContracts(chain.url),
      deployContracts(evergreen.url).then(() => issueTokens(evergreen.url)),
      installMulticall(chain.url),
      installMulticall(evergreen.url),
      ...[chain.url, evergreen.url].map((url) => rpc(url, 'anvil_setBalance', [cashier, plentyOfGas])),
      rpc(evergreen.url, 'anvil_setBalance', [tokenAgent, plentyOfGas]),
    ])
    const serviceUrl = `http://127.0.0.1:${servicePort}`
    const { usdc, factory } = contracts
    const crossmint = stack.use(
      await startCrossmint({
        apiKeys: [{ key: sandboxSecrets.crossmintApiKey, projectId: 'sandbox' }],
        chains: {
          'avalanche-fuji': { rpcUrl: chain.url, chainId: FUJI, usdc, factory },
          evergreen: { rpcUrl: evergreen.url, chainId: evergreenId, usdc, factory, relayerKey },
        },
        webhook: { url: `${serviceUrl}/webhooks/crossmint`, secret: sandboxSecrets.webhookSecret },
        ...(rateLimit && { rateLimit }),
        ...(keep && { stateFile: join(directory, 'crossmint.json') }),
      }),
    )
    const chainsettle = stack.use(await startChainsettle({ rpcUrl: chain.url, chainId: FUJI }))
    const [paidApi, httpayer] = await Promise.all([
      startPaidApi({ rpcUrl: chain.url, chainId: FUJI, token: usdc, payee: API_SELLER }).then((api) => stack.use(api)),
      startHttpayer({ rpcUrl: chain.url, chainId: FUJI, apiKey: sandboxSecrets.httpayerKey }).then((it) =>
        stack.use(it),
      ),
      mintUsdc(chain.url, { to: privateKeyToAddress(sandboxSecrets.buyerKey), amount: 1_000_000_000n }),
    ])
    const owned = stack.move()
    const stop = () => owned.disposeAsync()
    return {
      database,
      chain,
      evergreen,
      contracts,
      tokens: sandboxTokens,
      crossmint,
      chainsettle,
      paidApi,
      httpayer,
      serviceUrl,
      operatorKey: sandboxSecrets.operatorKey,
      environment: {
        PROVIDER_ENVIRONMENT: 'sandbox',
        PORT: String(servicePort),
        DATABASE_URL: database.applicationUrl,
        CROSSMINT_URL: crossmint.url,
        CROSSMINT_API_KEY: sandboxSecrets.crossmintApiKey,
        CROSSMINT_SIGNER_KEY: sandboxSecrets.signerKey,
        CROSSMINT_WEBHOOK_SECRET: sandboxSecrets.webhookSecret,
        PUBLIC_URL: serviceUrl,
        WEBHOOK_TARGETS: 'any',
        PURCHASE_TARGETS: 'any',
        BUYER_KEY: sandboxSecrets.buyerKey,
        HTTPAYER_URL: httpayer.url,
        HTTPAYER_API_KEY: sandboxSecrets.httpayerKey,
        SESSION_PASSWORDS: `1:${sandboxSecrets.sessionPassword}`,
        TOKEN_KEYS: `sandbox:${sandboxSecrets.tokenSeed}`,
        AUDIT_KEYS: `sandbox:${sandboxSecrets.auditSeed}`,
        AUDIT_CHECKPOINTS: join(directory, 'checkpoints.jsonl'),
        CHAINSETTLE: chainsettleSetting(chainsettle.url, FUJI),
        CHAINSETTLE_CALLBACK_SECRET: sandboxSecrets.callbackSecret,
        ...(rateLimit && { CROSSMINT_RATE_LIMIT: rateLimit }),
        CHAINS: JSON.stringify([
          { chainId: FUJI, rpcUrl: chain.url, finality: 8, localSigner: {} },
          {
            chainId: evergreenId,
            rpcUrl: evergreen.url,
            finality: 8,
            crossmint: 'evergreen',
            crossmintSenders: [relayer],
            localSigner: {},
            txAllowList: true,
          },
        ]),
        LOCAL_SIGNER_KEYS: `agent:${sandboxSecrets.localSignerKey},x402:${sandboxSecrets.x402SignerKey}`,
        X402_SIGNER: 'x402',
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** Starts the embedded database, or takes the given one, and brings it up to date. */
async function openDatabase({ directory, durable, databaseUrl }: SandboxOptions) {
  const database = databaseUrl
    ? { ownerUrl: databaseUrl, applicationUrl: databaseUrl, [Symbol.asyncDispose]: async () => {} }
    : await startDatabase({ directory: join(directory, 'postgres'), durable })
  await migrate(database.ownerUrl, databaseUrl ? {} : { applicationRole: 'provider_app' })
  await ensureOperatorKey(database.applicationUrl, sandboxSecrets.operatorKey)
  return database
}
