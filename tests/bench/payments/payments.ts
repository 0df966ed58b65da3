import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { defineBench } from '../bench.ts'
import { type Setting, startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { numberOf } from '../table.ts'
import { createFloorTables } from './floor-tables.ts'
import type { Round, RoundResult } from './load-process.ts'

const CONNECTIONS = 32
/** Of the database, for the service and for the floor. */
const POOL = 20
const WALLETS = 100
const PAYWALLS = 5

interface Usage {
  /** Processor seconds spent so far. */
  cpu: number
  /** Bytes in use. */
  memory: number
  /** Transactions run again. */
  retries: number
}

/** Something that accepts payments, and what its process uses. */
interface Contestant {
  name: string
  round: Omit<Round, 'seconds' | 'connections'>
  usage(): Promise<Usage>
}

interface Measured extends RoundResult {
  /** Processor milliseconds of the process for each payment. */
  cpuPerPayment: number
  memory: number
  retries: number
}

export const payments = defineBench({
  name: 'payments',
  says: 'payments.create over HTTP through the whole stack, beside a bare node:http + pg that writes the same rows.',
  options: {
    seconds: { says: 'length of a round', byDefault: 6 },
    rounds: { says: 'rounds of each, floor and service in turn', byDefault: 3 },
    warmup: { says: 'seconds of load for each before the rounds', byDefault: 5 },
  },
  figures: {
    rate: { says: 'payments accepted a second', unit: '/s' },
    floorRate: { says: 'the same, floor', unit: '/s' },
    rateRatio: { says: 'share of the floor', unit: '', atLeast: 0.4 },
    p50: { says: 'half are answered within', unit: 'ms' },
    floorP50: { says: 'the same, floor', unit: 'ms' },
    p99: { says: '99 of 100 are answered within', unit: 'ms' },
    floorP99: { says: 'the same, floor', unit: 'ms' },
    p99Ratio: { says: 'times the floor', unit: '', atMost: 4 },
    cpuPerPayment: { says: "the service's processor time for each", unit: 'ms', atMost: 0.6, aim: true },
    floorCpuPerPayment: { says: 'the same, floor', unit: 'ms' },
    memory: { says: 'memory of the service (RSS), the most seen', unit: 'MB', atMost: 250 },
    errors: { says: 'requests not accepted', unit: '', atMost: 0 },
    retries: { says: 'transactions the database had run again, for 100 payments', unit: '' },
    accepted: { says: 'accepted in the whole run', unit: '' },
    unaccounted: { says: 'accepted answers without their rows, or the reverse', unit: '', atMost: 0 },
  },

  async run({ options, stack, say }) {
    say(
      `${CONNECTIONS} connections, ${WALLETS} wallets, ${PAYWALLS} paywalls, fsync on, ${POOL} database connections each.`,
    )
    say(
      'Workers are off (WORKERS=off): measured is the accepting of payments, not their settling. Rate limits are off.\n',
    )
    const setting = stack.use(
      await startSetting({
        wallets: WALLETS,
        paywalls: PAYWALLS,
        environment: { WORKERS: 'off', DATABASE_CONNECTIONS: String(POOL) },
      }),
    )
    const floor = await startFloor(setting, stack)
    const service = serviceOf(setting)
    const load = startProcess('./load-process.ts', stack)
    const measure = async ({ round, usage }: Contestant, seconds: number): Promise<Measured> => {
      const before = await usage()
      const result = await ask<RoundResult>(load, { ...round, connections: CONNECTIONS, seconds })
      const after = await usage()
      return {
        ...result,
        cpuPerPayment: ((after.cpu - before.cpu) * 1000) / result.accepted,
        memory: after.memory,
        retries: ((after.retries - before.retries) * 100) / result.accepted,
      }
    }

    const rounds: { floor: Measured; service: Measured }[] = []
    const warm = [await measure(floor, options.warmup!), await measure(service, options.warmup!)]
    for (let number = 1; number <= options.rounds!; number++) {
      const one = { floor: await measure(floor, options.seconds!), service: await measure(service, options.seconds!) }
      rounds.push(one)
      say(`round ${number}   floor ${line(one.floor)}   service ${line(one.service)}`)
    }

    const all = [...warm, ...rounds.flatMap((one) => [one.floor, one.service])]
    const errors = all.reduce((sum, one) => sum + one.errors, 0)
    if (errors > 0) say(`\nOne of ${errors} errors: ${all.find(({ anError }) => anError)?.anError}`)
    const accepted = [warm[1]!, ...rounds.map((one) => one.service)].reduce((sum, one) => sum + one.accepted, 0)
    const middle = (who: 'floor' | 'service', figure: keyof Measured) =>
      median(rounds.map((one) => Number(one[who][figure])))
    return {
      rate: middle('service', 'rate'),
      floorRate: middle('floor', 'rate'),
      rateRatio: middle('service', 'rate') / middle('floor', 'rate'),
      p50: middle('service', 'p50'),
      floorP50: middle('floor', 'p50'),
      p99: middle('service', 'p99'),
      floorP99: middle('floor', 'p99'),
      p99Ratio: middle('service', 'p99') / middle('floor', 'p99'),
      cpuPerPayment: middle('service', 'cpuPerPayment'),
      floorCpuPerPayment: middle('floor', 'cpuPerPayment'),
      memory: Math.max(...rounds.map(({ service: { memory } }) => memory)) / 1e6,
      errors,
      retries: middle('service', 'retries'),
      accepted,
      unaccounted: await unaccounted(setting, accepted),
    }
  },
})

const line = ({ rate, p50, p99 }: Measured) =>
  `${numberOf(rate).padStart(6)} /s  p50 ${numberOf(p50).padStart(5)} ms  p99 ${numberOf(p99).padStart(5)} ms`

function serviceOf({ sandbox, service, apiKey, wallets, paywalls }: Setting): Contestant {
  return {
    name: 'service',
    round: {
      port: Number(new URL(service.url).port),
      // as the SDK sends it
      path: '/trpc/payments.create?batch=1',
      headers: { authorization: `Bearer ${apiKey}` },
      bodies: wallets.flatMap(({ id: walletId }) =>
        paywalls.map(({ id: paywallId }) =>
          JSON.stringify({ 0: { json: { paywallId, walletId, idempotencyKey: 'bench-{key}' } } }),
        ),
      ),
      expected: '"replayed":false',
    },
    async usage() {
      const text = await (await fetch(`${sandbox.serviceUrl}/metrics`)).text()
      const metric = (name: string) =>
        [...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))].reduce(
          (sum, [, value]) => sum + Number(value),
          0,
        )
      return {
        cpu: metric('process_cpu_seconds_total'),
        memory: metric('process_resident_memory_bytes'),
        retries: metric('database_retries_total'),
      }
    },
  }
}

async function startFloor({ sandbox, wallets, paywalls }: Setting, stack: AsyncDisposableStack): Promise<Contestant> {
  await createFloorTables(sandbox.database)
  const floor = startProcess('./floor-process.ts', stack, {
    DATABASE_URL: sandbox.database.applicationUrl,
    DATABASE_CONNECTIONS: String(POOL),
  })
  const [{ port }] = (await once(floor, 'message')) as [{ port: number }]
  return {
    name: 'floor',
    round: {
      port,
      path: '/',
      headers: {},
      bodies: wallets.flatMap(({ id: walletId }) =>
        paywalls.map(({ id: paywallId, price }) =>
          JSON.stringify({ paywallId, walletId, amount: String(price), idempotencyKey: 'bench-{key}' }),
        ),
      ),
      expected: '"state":"accepted"',
    },
    usage: () => ask<Usage>(floor, 'usage'),
  }
}

function startProcess(path: string, stack: AsyncDisposableStack, env: Record<string, string> = {}): ChildProcess {
  const child = fork(fileURLToPath(new URL(path, import.meta.url)), [], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: [],
  })
  stack.defer(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function ask<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  const failed = new AbortController()
  const ended = () => failed.abort(new Error('a process of the bench ended early'))
  child.once('exit', ended)
  child.send(question)
  const [answer] = await once(child, 'message', { signal: failed.signal })
  child.off('exit', ended)
  return answer as Answer
}

/** Accepted answers and the rows of accepted payments, each with its transaction, decision, key, audit leaf and event: the difference. */
async function unaccounted({ sandbox }: Setting, accepted: number): Promise<number> {
  const client = new pg.Client({ connectionString: sandbox.database.ownerUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: string }>(`
      select count(*) from payment p
      join transaction t on t.id = p.transaction_id
      join decision d on d.id = p.decision_id
      join idempotency i on i.resource_id = p.id
      join audit a on a.stream = p.id and a.hash = p.audit_head
      join event e on e.object_id = p.id`)
    return Math.abs(accepted - Number(rows[0]!.count))
  } finally {
    await client.end()
  }
}
