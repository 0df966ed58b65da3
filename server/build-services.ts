import { type Connection, connect } from '../db/connect.ts'
import type { Edge } from './app.ts'
import { authentication } from './auth/authenticate.ts'
import { knownOrigins } from './auth/known-origins.ts'
import { defaultLimits, rateLimits } from './auth/rate-limits.ts'
import { apiKeyReader } from './auth/read-api-keys.ts'
import { sessionReader } from './auth/read-sessions.ts'
import { sessionCookies } from './auth/session-cookie.ts'
import { createTokens } from './auth/tokens.ts'
import { touching } from './auth/touch.ts'
import { factsReader } from './domain/compliance/facts.ts'
import { intentRows } from './domain/compliance/intent-rows.ts'
import { meterReader } from './domain/compliance/read-meters.ts'
import { standings } from './domain/compliance/standing.ts'
import { liveFeed as createLiveFeed } from './domain/events/live-feed.ts'
import { openStreams, streamLimits } from './domain/events/streams.ts'
import { listFinder } from './domain/lists/find-listed.ts'
import { knownBalances } from './domain/payments/known-balances.ts'
import { offerRows } from './domain/payments/offer-rows.ts'
import { acceptanceWriter } from './domain/payments/write-acceptances.ts'
import { challengeUser } from './domain/sessions/use-challenges.ts'
import { sessionWriter } from './domain/sessions/write-sessions.ts'
import { shardOf } from './domain/shard.ts'
import { heardOf } from './domain/transactions/heard-of.ts'
import { createMoves } from './domain/transactions/moves.ts'
import { inboxShard } from './domain/webhooks/inbox.ts'
import { webhookWriter } from './domain/webhooks/write-webhooks.ts'
import { createSeller, type Seller } from './domain/x402/seller.ts'
import type { Environment } from './environment.ts'
import type { Chain } from './gateways/chain/chain.ts'
import { type Chains, connectChains } from './gateways/chain/chains.ts'
import { createChainsettle } from './gateways/chainsettle/create-chainsettle.ts'
import { fileSink } from './gateways/checkpoints/file-sink.ts'
import { urlSink } from './gateways/checkpoints/url-sink.ts'
import { createChains as crossmintChains } from './gateways/crossmint/chains.ts'
import { createCrossmint } from './gateways/crossmint/create-crossmint.ts'
import { readWebhook } from './gateways/crossmint/read-webhook.ts'
import { signerFromPrivateKey } from './gateways/crossmint/signer.ts'
import { createEas } from './gateways/eas/create-eas.ts'
import { createHttpayer } from './gateways/httpayer/create-httpayer.ts'
import { createLocalSigner } from './gateways/local-signer/create-local-signer.ts'
import { laneReporter } from './gateways/local-signer/report.ts'
import { keyFromPrivateKey } from './gateways/local-signer/signing-key.ts'
import { createOutbound } from './gateways/outbound/create-outbound.ts'
import { createX402Buyer } from './gateways/x402-buyer/create-x402-buyer.ts'
import { inboundSources } from './inbound-sources.ts'
import type { Clock, Services } from './services.ts'
import { createLog, type Log } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { watchChain } from './workers/chain-watcher.ts'
import { startClock } from './workers/clock.ts'
import { deadlineQueue } from './workers/deadline-queue.ts'
import { deliveryQueue } from './workers/delivery-queue.ts'
import { startFanOut } from './workers/fan-out.ts'
import { inboxQueue } from './workers/inbox-queue.ts'
import { startLaneKeeper } from './workers/lane-keeper.ts'
import { purchaseQueue } from './workers/purchase-queue.ts'
import { reportQueue } from './workers/report-queue.ts'
import { startRescreener } from './workers/rescreener.ts'
import { type RowWorker, startRowWorker } from './workers/row-worker.ts'
import { startSealer } from './workers/sealer.ts'
import { startSequencer } from './workers/sequencer.ts'
import { startSweeper } from './workers/sweeper.ts'
import { transactionQueue } from './workers/transaction-queue.ts'

/** Everything that is built once, and how it is ended. */
export interface Built {
  services: Services
  connection: Connection
  /** What `createApp` serves them with. */
  edge: Edge
  startWorkers(): void
  /** Of the work, only the sealing of the audit trail. */
  startSealer(): void
  /** Lets the workers finish what they have at hand, then closes every connection. */
  stop(): Promise<void>
}

/** What tests look through. */
export interface Observation {
  clock?: Clock
  /** Told of every SQL text. */
  onQuery?: (sql: string) => void
  /** Takes the log's lines in place of the standard output. */
  logTo?: { write(line: string): void }
}

const systemClock: Clock = { now: () => new Date() }

/** Builds the services from their settings. Opens no connection before it is used. */
export function buildServices(
  environment: Environment,
  { clock = systemClock, onQuery, logTo }: Observation = {},
): Built {
  const log = createLog(environment.logLevel, logTo)
  const metrics = createMetrics()
  const stopping = new AbortController()
  const connection = connect(environment.databaseUrl, {
    maxConnections: environment.databaseConnections,
    onQuery,
    onConnectionError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
    onRetry: ({ phase, code }) => metrics.databaseRetries.inc({ phase, code }),
  })
  const { publicOrigin, sessions } = environment
  const findListed = listFinder(connection.db)
  const tokens = createTokens(environment.tokenKeys, publicOrigin, clock)
  const chains = connectChains(environment.chains)
  const slugs = Object.fromEntries(
    environment.chains.flatMap(({ chainId, crossmint }) => (crossmint ? [[chainId, crossmint]] : [])),
  )
  const provider = createCrossmint({
    ...environment.crossmint,
    signer: signerFromPrivateKey(environment.crossmint.signerKey),
    chains: slugs,
    signal: stopping.signal,
    onRequest: ({ operation, outcome, milliseconds }) =>
      metrics.providerSeconds.observe({ operation, outcome }, milliseconds / 1000),
  })
  const crossmintNames = crossmintChains(slugs)
  const reportLane = laneReporter(log, metrics)
  const signedHere = environment.chains.flatMap(({ chainId, localSigner }) =>
    localSigner ? [{ chain: chains.get(chainId)!, settings: localSigner }] : [],
  )
  const keys = Object.entries(environment.localSignerKeys).map(([name, key]) => [name, keyFromPrivateKey(key)] as const)
  const localSigner =
    signedHere.length === 0
      ? null
      : createLocalSigner({
          db: connection.db,
          chains: signedHere,
          keys: Object.fromEntries(keys),
          disbelief: environment.patience.disbelief,
          clock,
          report(event) {
            reportLane(event)
            if (event.type !== 'settled') return
            for (const reference of event.ids)
              void heardOf(services, { provider: 'local', reference }).catch((error) =>
                log.warn({ err: error }, 'a settled transaction could not be made due; the clock finds it'),
              )
          },
        })
  const attestations = connectAttestations(environment.attestations, clock, log)
  const { buyers, close: closeBuyers } = connectBuyers(environment.buying, chains)
  const liveFeed = createLiveFeed(connection.db, log)
  const streams = openStreams(streamLimits, (open) => metrics.openStreams.set(open))
  // until the workers run there is nobody to nudge: rows are found by the clock
  const workers: Partial<
    Record<'transactions' | 'inbox' | 'approvals' | 'reviews' | 'reports' | 'purchases', RowWorker> & {
      deliveries: RowWorker<string>
      fanOut: ReturnType<typeof startFanOut>
    }
  > = {}
  const services: Services = {
    db: connection.db,
    clock,
    log,
    metrics,
    chains,
    provider,
    localSigner,
    balances: knownBalances({ chains, clock }),
    offerRows: offerRows(connection.db, clock),
    writeAcceptance: acceptanceWriter(connection.db),
    writeWebhook: webhookWriter(connection.db),
    intentRows: intentRows(connection.db),
    findListed,
    readFacts: factsReader({
      db: connection.db,
      findListed,
      readMeter: meterReader(connection.db),
      standings: attestations.standings,
    }),
    attestations,
    useChallenge: challengeUser(connection.db, clock),
    writeSession: sessionWriter(connection.db),
    sessionLifetime: sessions.lifetime,
    tokens,
    rateLimits:
      environment.rateLimits === 'off'
        ? { consume: async () => {} }
        : rateLimits(connection.db, {
            limits: defaultLimits,
            secret: Object.values(sessions.passwords)[0]!,
            onStoreFailure: (error) =>
              log.warn({ err: error }, 'calls are counted in this process alone: the database does not answer'),
          }),
    readWebhook: (body) => readWebhook(body, crossmintNames),
    seller: sellerOf(
      environment,
      connection.db,
      signedHere.map(({ chain }) => chain),
      clock,
    ),
    moves: createMoves(),
    nudge: {
      transaction: (id) => workers.transactions?.nudge(shardOf(id)),
      inbox: (eventId) => workers.inbox?.nudge(inboxShard(eventId)),
      report: (id) => workers.reports?.nudge(shardOf(id)),
      feed(appIds) {
        liveFeed.nudge(appIds)
        workers.fanOut?.nudge(appIds)
      },
      delivery: (endpointId) => workers.deliveries?.nudge(endpointId),
    },
    liveFeed,
    streams,
    buyers,
    outbound: createOutbound({ targets: environment.webhookTargets, timeout: environment.patience.webhooks.timeout }),
    patience: environment.patience,
  }
  const others: { stop(): Promise<void> }[] = []
  const { checkpoints, ...sealerOptions } = environment.audit
  const sink = checkpoints === null ? null : /^https?:/.test(checkpoints) ? urlSink(checkpoints) : fileSink(checkpoints)
  const sealing = { ...sealerOptions, sink }

  return {
    services,
    connection,
    edge: {
      services,
      pool: connection.pool,
      authenticate: authentication({
        readApiKey: apiKeyReader(connection.db),
        readSession: sessionReader(connection.db),
        tokens,
        clock,
        ownOrigin: publicOrigin,
        idle: sessions.idle,
        touchKey: touching(connection.db, clock, log, 'api_key'),
        touchSession: touching(connection.db, clock, log, 'session'),
      }),
      isKnownOrigin: knownOrigins(connection.db),
      publicOrigin,
      cookies: sessionCookies({
        passwords: sessions.passwords,
        secure: publicOrigin.startsWith('https:'),
        lifetime: Math.ceil(sessions.lifetime / 1000),
        onUnsealable: (reason) => metrics.unsealableCookies.inc({ reason }),
      }),
      proxies: environment.proxies,
      sources: inboundSources(environment),
    },
    startWorkers() {
      const options = { tick: 500, log, onFailure: (queue: string) => metrics.workerFailures.inc({ queue }) }
      workers.transactions = startRowWorker(transactionQueue(services), { ...options, concurrency: 32 })
      workers.inbox = startRowWorker(inboxQueue(services), { ...options, concurrency: 8 })
      workers.approvals = startRowWorker(deadlineQueue(services, 'approval'), { ...options, concurrency: 2 })
      workers.reviews = startRowWorker(deadlineQueue(services, 'review'), { ...options, concurrency: 2 })
      workers.reports = startRowWorker(reportQueue(services, environment.audit), { ...options, concurrency: 1 })
      workers.purchases = startRowWorker(purchaseQueue(services), { ...options, concurrency: 8 })
      workers.deliveries = startRowWorker(deliveryQueue(services), { ...options, tick: 100, concurrency: 256 })
      workers.fanOut = startFanOut(services)
      others.push(startSweeper(services), startRescreener(services), startSequencer(services))
      const { databaseUrl, schedules, retention } = environment
      if (schedules.reports !== null || schedules.retention !== null)
        others.push(startClock(services, { databaseUrl, schedules, retention }))
      for (const chain of chains.all()) others.push(watchChain(services, chain, environment.blockInterval))
      for (const lane of localSigner?.lanes ?? []) {
        const onFailure = () => metrics.workerFailures.inc({ queue: 'lanes' })
        others.push(startLaneKeeper({ db: connection.db, log, lane, interval: environment.blockInterval, onFailure }))
      }
      others.push(startSealer(services, sealing))
    },
    startSealer() {
      others.push(startSealer(services, sealing))
    },
    async stop() {
      streams.endAll()
      await liveFeed.stop()
      await Promise.all([...others, ...Object.values(workers)].map((worker) => worker?.stop()))
      stopping.abort()
      services.outbound.close()
      closeBuyers()
      await localSigner?.rest()
      await connection.close()
    },
  }
}

function sellerOf(
  { x402, localSignerKeys, publicOrigin, sessions }: Environment,
  db: Connection['db'],
  chains: readonly Chain[],
  clock: Clock,
): Seller | null {
  const key = x402.signer === null ? null : localSignerKeys[x402.signer]
  if (!key) return null
  const { address } = keyFromPrivateKey(key)
  const secret = Object.values(sessions.passwords)[0]!
  return createSeller({ db, clock, chains, signer: address, identifier: x402.identifier, origin: publicOrigin, secret })
}

/** The ways to buy that are configured. */
function connectBuyers({ targets, timeout, key, httpayer: httpayerOptions }: Environment['buying'], chains: Chains) {
  const outbound = createOutbound({ targets, timeout })
  const httpayer = httpayerOptions && createHttpayer({ ...httpayerOptions, timeout })
  const buyers: Services['buyers'] = {
    ...(key && { direct: createX402Buyer({ key: keyFromPrivateKey(key), chains, outbound }) }),
    ...(httpayer && { httpayer }),
  }
  return {
    buyers,
    close() {
      outbound.close()
      httpayer?.close()
    },
  }
}

function connectAttestations(
  { chainsettle: chainsettleOptions, eas: easOptions, deadline, keep }: Environment['attestations'],
  clock: Clock,
  log: Log,
): Services['attestations'] {
  const usual = { timeout: deadline, now: () => clock.now() }
  const chainsettle = chainsettleOptions && createChainsettle({ ...chainsettleOptions, ...usual })
  const eas = easOptions && createEas({ ...easOptions, ...usual })
  const providers = [chainsettle, eas].filter((provider) => provider !== null)
  return { providers, chainsettle, deadline, standings: standings({ providers, clock, log, deadline, keep }) }
}
