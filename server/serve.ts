import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pendingMigrations } from '../db/migrate.ts'
import { createApp } from './app.ts'
import { buildServices } from './build-services.ts'
import { makeFirstOperatorKey } from './domain/api-keys/first-operator-key.ts'
import { verifyTokens, wordsOf } from './domain/eerc/verify-tokens.ts'
import { BadEnvironment, readEnvironment } from './environment.ts'
import { verifyChains } from './gateways/chain/chains.ts'

/** How long requests and work at hand may take to end. */
const DRAIN = 15_000

const environment = (() => {
  try {
    return readEnvironment(process.env)
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error
    console.error(error.message)
    console.error('\nEvery variable is described in server/environment.ts. For a try without any setting: npm start')
    process.exit(1)
  }
})()

const { services, connection, edge, startWorkers, startSealer, stop } = buildServices(environment)
const { log } = services

const { wrong, silent } = await verifyChains(services.chains)
if (wrong.length > 0) {
  log.fatal({ wrong }, `a node is of another chain than CHAINS says: ${wrong.join(' ')}`)
  process.exit(1)
}
if (silent.length > 0)
  log.warn({ silent }, 'nodes do not tell yet which chains they are of; they are asked before they are used')

const pending = await pendingMigrations(connection.db).catch((error) => {
  log.warn({ err: error }, 'the database does not answer yet; /health/ready tells when it does')
  return null
})
if (pending && pending.length > 0) {
  log.fatal(
    { pending: pending.length },
    'the database lacks migrations: run "npm run provider -- migrate" and start again',
  )
  process.exit(1)
}

// a database that is away keeps nobody from listening; each operation asks its token anew in any case
if (pending) await requireTokens()

async function requireTokens(): Promise<void> {
  const tokens = await verifyTokens(services).catch((error) => {
    log.warn({ err: error }, 'the registered tokens could not be verified')
    return []
  })
  const other = tokens.filter(({ found }) => found === 'other').map(wordsOf)
  const unseen = tokens.filter(({ found }) => found === 'unseen').map(wordsOf)
  if (unseen.length > 0)
    log.warn({ unseen }, `${unseen.length} registered tokens could not be seen: nothing is done with them meanwhile`)
  if (other.length === 0) return
  const words = `${other.length} registered tokens are not what they were registered as: ${other.join('; ')}`
  if (environment.otherTokens === 'warn') {
    log.error({ alert: true, other }, words)
    return
  }
  log.fatal(
    { other },
    `${words}. Look at the rpcUrl of their chains in CHAINS, and ask their issuers; OTHER_TOKENS=warn starts all the same`,
  )
  process.exit(1)
}

if (environment.operatorKey) {
  const made = makeOperatorKey(environment.operatorKey)
  // a database that is away keeps nobody from listening
  if (pending) await made
}

async function makeOperatorKey(secret: string): Promise<void> {
  try {
    const { made } = await makeFirstOperatorKey(services, secret)
    if (made) log.info('OPERATOR_KEY is the first key of the platform operators from now on')
  } catch (error) {
    log.warn({ err: error }, 'OPERATOR_KEY could not be looked at; it is tried again in a moment')
    setTimeout(() => void makeOperatorKey(secret), 1_000).unref()
  }
}

const server = createServer(createApp(edge))
// whoever sends its request a byte at a time holds a connection, not for ever
server.headersTimeout = 10_000
// for the request alone: streams of events go on for longer
server.requestTimeout = 30_000
// a little longer than the idle time of usual load balancers, so that they close first
server.keepAliveTimeout = 65_000
await new Promise<void>((resolve, reject) => {
  server.once('error', reject)
  server.listen(environment.port, environment.host, resolve)
}).catch((error: NodeJS.ErrnoException) => {
  log.fatal(`cannot listen on ${environment.host}:${environment.port} (${error.code}): set PORT to a free one`)
  process.exit(1)
})
if (environment.workers) startWorkers()
else if (environment.seals) startSealer()
if (environment.seals && environment.audit.checkpoints === null)
  log.warn('AUDIT_CHECKPOINTS is not set: whoever rewrites the whole database and has the key leaves no trace')
const { port } = server.address() as AddressInfo
const url = `http://${environment.host}:${port}`
log.info({ url }, 'listening')
process.send?.({ url })

let draining = false
async function drain(signal: string): Promise<void> {
  if (draining) return
  draining = true
  log.info({ signal }, 'draining: no new requests, work at hand is finished')
  setTimeout(() => process.exit(1), DRAIN).unref()
  const closed = new Promise((resolve) => server.close(resolve))
  // streams never end by themselves; their clients go on at another instance
  services.streams.endAll()
  // an answered connection becomes idle, and whoever holds it open would keep the process for a minute
  const hangingUp = setInterval(() => server.closeIdleConnections(), 50)
  await closed
  clearInterval(hangingUp)
  // only now: what is answered until then needs the database
  await stop()
  log.info('stopped')
  process.exit(0)
}
process.on('SIGTERM', () => void drain('SIGTERM'))
process.on('SIGINT', () => void drain('SIGINT'))
process.on('disconnect', () => void drain('parent gone'))
