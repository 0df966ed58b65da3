import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Client, errorOf, pay } from '../../client-sdk/index.ts'
import type { Payment, PaymentState, Paywall, Wallet } from '../../server/contract/entities.ts'
import { inTurns, type Setting, startSetting } from '../bench/setting.ts'
import { seededRandom } from '../bench/statistics.ts'
import type { Count, Intention } from './count-transfers.ts'

const run = promisify(execFile)
const script = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export interface CrashOptions {
  payments: number
  /** How often the service is killed, at moments spread over the run. */
  kills: number
  wallets: number
  /** Clients that pay at the same time. */
  clients: number
  /** Repeats the kills and who gives up; what the machine does between them no seed repeats. */
  seed: number
  /** Milliseconds that accepted payments may take to settle once nobody asks for more. */
  patience: number
  /** Whether the database survives a power cut; killing processes is survived either way. */
  durable: boolean
  say: (line: string) => void
}

/** What a run came to, from three sides: the chain's logs, the service's own view, its audit trails. */
export interface CrashResult {
  chain: Count
  /** The service's payments by state. */
  states: Partial<Record<PaymentState, number>>
  /** Payments that the service has for an intention beyond the first. */
  duplicates: number
  /** What `audit verify` said, and whether it found nothing wrong. */
  audit: { says: string; ok: boolean }
  /** How often the service was killed. */
  kills: number
  /** From the first payment to the last settled. */
  seconds: number
}

/** One of so many clients asks once and does not come back, whatever happens to its call. */
const IMPATIENT = 20

/** How long a killed service's claims hold. */
const LEASE = 3_000

/**
 * Pays while the service is killed again and again (SIGKILL) and started anew on the same port, then counts on the chain. Every
 * pair of wallet and paywall is paid by one intention, and every paywall has its own price and recipient, so that the
 * chain alone tells how often each was paid.
 */
export async function surviveCrashes(options: CrashOptions, stack: AsyncDisposableStack): Promise<CrashResult> {
  const { payments, kills, seed, say } = options
  const setting = stack.use(
    await startSetting({
      wallets: options.wallets,
      paywalls: Math.ceil(payments / options.wallets),
      durable: options.durable,
      environment: { LEASE_MS: String(LEASE), LOG_LEVEL: 'error' },
    }),
  )
  const random = seededRandom(seed)
  const plans = shuffled(
    setting.paywalls.flatMap((paywall) => setting.wallets.map((wallet) => ({ paywall, wallet }))).slice(0, payments),
    random,
  ).map((pair) => ({ ...pair, impatient: random() < 1 / IMPATIENT, key: `crash-${seed}-${crypto.randomUUID()}` }))

  // killed at chosen shares of the work: whatever the speed of the machine, work is at hand
  const moments = Array.from({ length: kills }, (_, index) => ({
    after: Math.floor(((index + 0.2 + random() * 0.6) / kills) * payments * 0.95),
    delay: random() * 300,
  }))
  const began = performance.now()
  let finished = 0
  let killed = 0
  const killer = (async () => {
    for (const { after, delay } of moments) {
      await until(() => finished >= after, 600_000, 'the payments do not go on')
      await pause(delay)
      await setting.service.kill()
      killed++
      const { processId } = await setting.restart()
      say(`killed after ${finished} payments, up again as process ${processId}`)
    }
  })()
  killer.catch(() => {}) // seen below

  const outcomes = await inTurns(plans.length, options.clients, async (index) => {
    const outcome = await payOne(setting.client, plans[index]!)
    finished++
    return outcome
  })
  await killer
  const states = await settledAll(setting, options.patience)
  const seconds = (performance.now() - began) / 1000
  say(`${payments} intentions in ${seconds.toFixed(1)} s; the service says: ${JSON.stringify(states.byState)}`)
  const chain = await countOnChain(setting, plans, outcomes)
  return {
    chain,
    states: states.byState,
    duplicates: states.duplicates,
    audit: await verifyAudit(setting),
    kills: killed,
    seconds,
  }
}

interface Plan {
  paywall: Paywall
  wallet: Wallet
  impatient: boolean
  key: string
}

/** Pays as the SDK does, over every outage; or, impatient, asks once. */
async function payOne(client: Client, { paywall, wallet, impatient, key }: Plan): Promise<Intention['outcome']> {
  const intention = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: key }
  try {
    if (impatient) await client.payments.create.mutate(intention)
    else await pay(client, intention)
    return 'answered'
  } catch (cause) {
    const error = errorOf(cause)
    // the payment was accepted; that it did not settle is for the count to show
    if (error.code === 'PAYMENT_NOT_SETTLED') return 'answered'
    if (error.status !== null && error.status < 500 && !error.retryable) return 'refused'
    return 'unanswered'
  }
}

/** A service that takes a question and never answers is a failure too. */
const inTime = () => ({ signal: AbortSignal.timeout(30_000) })

const unfinished: readonly PaymentState[] = ['held', 'accepted', 'submitted']

/** Waits until the service follows nothing any more, and answers with what it says. */
async function settledAll({ client }: Setting, patience: number) {
  const deadline = Date.now() + patience
  for (;;) {
    const open = await Promise.all(unfinished.map((state) => client.payments.list.query({ state, limit: 1 }, inTime())))
    if (open.every(({ items }) => items.length === 0) || Date.now() > deadline) break
    await pause(250)
  }
  const all: Payment[] = []
  for (let cursor: string | null = null; ; ) {
    const page: { items: Payment[]; nextCursor: string | null } = await client.payments.list.query(
      { cursor, limit: 100 },
      inTime(),
    )
    all.push(...page.items)
    cursor = page.nextCursor
    if (!cursor) break
  }
  const byState: Partial<Record<PaymentState, number>> = {}
  for (const { state } of all) byState[state] = (byState[state] ?? 0) + 1
  const intentions = new Set(all.map(({ walletId, paywallId }) => `${walletId} ${paywallId}`))
  return { byState, duplicates: all.length - intentions.size }
}

async function countOnChain({ sandbox }: Setting, plans: Plan[], outcomes: Intention['outcome'][]): Promise<Count> {
  const intentions = plans.map(
    ({ wallet, paywall }, index): Intention => ({
      payer: wallet.address,
      recipient: paywall.recipient,
      amount: String(paywall.price),
      outcome: outcomes[index]!,
    }),
  )
  const directory = await mkdtemp(join(tmpdir(), 'provider-service-count-'))
  try {
    const file = join(directory, 'intentions.json')
    await writeFile(file, JSON.stringify(intentions))
    const { stdout } = await run(
      process.execPath,
      [
        script('./count-transfers.ts'),
        ...['--rpc', sandbox.chain.url, '--token', sandbox.contracts.usdc, '--intentions', file],
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    )
    return JSON.parse(stdout) as Count
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** As an operator does it: `provider audit verify`. */
async function verifyAudit({ sandbox }: Setting): Promise<CrashResult['audit']> {
  const environment = { ...process.env, DATABASE_URL: sandbox.database.applicationUrl }
  const command = [script('../../server/cli.ts'), 'audit', 'verify']
  try {
    const { stdout } = await run(process.execPath, command, { env: environment, maxBuffer: 64 * 1024 * 1024 })
    return { says: stdout.trim(), ok: true }
  } catch (error) {
    const { stdout, message } = error as Error & { stdout?: string }
    return { says: stdout?.trim() || message, ok: false }
  }
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = items[last]!
    items[last] = items[other]!
    items[other] = moved
  }
  return items
}

async function until(fact: () => boolean, within: number, complaint: string): Promise<void> {
  for (const deadline = Date.now() + within; !fact(); await pause(5))
    if (Date.now() > deadline) throw new Error(complaint)
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
