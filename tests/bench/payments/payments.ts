import { once } from 'node:events'
import { defineBench } from '../bench.ts'
import { startLoad } from '../load/load.ts'
import {
  CONNECTIONS,
  type Contestant,
  errorsIn,
  lineOf,
  type Measured,
  measure,
  type Quantity,
} from '../load/measure.ts'
import type { Usage } from '../load/usage.ts'
import { ask, startProcess } from '../processes.ts'
import { countRows } from '../rows.ts'
import { type Setting, startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { createFloorTables } from './floor-tables.ts'
import { paymentCalls } from './payment-calls.ts'

/** Of the database, for the service and for the floor. */
const POOL = 20
const WALLETS = 100
const PAYWALLS = 5

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
    const service = paymentCalls(setting)
    const load = startLoad(stack)

    const rounds: { floor: Measured; service: Measured }[] = []
    const warm = [await measure(load, floor, options.warmup!), await measure(load, service, options.warmup!)]
    for (let number = 1; number <= options.rounds!; number++) {
      const one = {
        floor: await measure(load, floor, options.seconds!),
        service: await measure(load, service, options.seconds!),
      }
      rounds.push(one)
      say(`round ${number}   floor ${lineOf(one.floor)}   service ${lineOf(one.service)}`)
    }

    const all = [...warm, ...rounds.flatMap((one) => [one.floor, one.service])]
    const accepted = [warm[1]!, ...rounds.map((one) => one.service)].reduce((sum, one) => sum + one.accepted, 0)
    const middle = (who: 'floor' | 'service', figure: Quantity) => median(rounds.map((one) => one[who][figure]))
    return {
      rate: middle('service', 'rate'),
      floorRate: middle('floor', 'rate'),
      rateRatio: middle('service', 'rate') / middle('floor', 'rate'),
      p50: middle('service', 'p50'),
      floorP50: middle('floor', 'p50'),
      p99: middle('service', 'p99'),
      floorP99: middle('floor', 'p99'),
      p99Ratio: middle('service', 'p99') / middle('floor', 'p99'),
      cpuPerPayment: middle('service', 'cpuPerCall'),
      floorCpuPerPayment: middle('floor', 'cpuPerCall'),
      memory: Math.max(...rounds.map(({ service: { memory } }) => memory)) / 1e6,
      errors: errorsIn(all, say),
      retries: middle('service', 'retries'),
      accepted,
      unaccounted: await unaccounted(setting, accepted),
    }
  },
})

async function startFloor({ sandbox, wallets, paywalls }: Setting, stack: AsyncDisposableStack): Promise<Contestant> {
  await createFloorTables(sandbox.database)
  const floor = startProcess(new URL('./floor-process.ts', import.meta.url), stack, {
    DATABASE_URL: sandbox.database.applicationUrl,
    DATABASE_CONNECTIONS: String(POOL),
  })
  const [{ port }] = (await once(floor, 'message')) as [{ port: number }]
  return {
    round: {
      port,
      path: '/',
      headers: {},
      calls: wallets.flatMap(({ id: walletId }) =>
        paywalls.map(({ id: paywallId, price }) => ({
          body: JSON.stringify({ paywallId, walletId, amount: String(price), idempotencyKey: 'bench-{key}' }),
        })),
      ),
      expected: '"state":"accepted"',
    },
    usage: () => ask<Usage>(floor, 'usage'),
  }
}

/** Accepted answers and the rows of accepted payments, each with its transaction, decision, key, audit leaf and event: the difference. */
async function unaccounted(setting: Setting, accepted: number): Promise<number> {
  const rows = await countRows(
    setting,
    `payment p
      join transaction t on t.id = p.transaction_id
      join decision d on d.id = p.decision_id
      join idempotency i on i.resource_id = p.id
      join audit a on a.stream = p.id and a.hash = p.audit_head
      join event e on e.object_id = p.id`,
  )
  return Math.abs(accepted - rows)
}
