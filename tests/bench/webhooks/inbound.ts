import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { readWebhookSecret, signatureOf } from '../../../server/gateways/webhooks/standard-webhooks.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { startLoad } from '../load/load.ts'
import type { Call } from '../load/load-process.ts'
import {
  CONNECTIONS,
  type Contestant,
  errorsIn,
  lineOf,
  type Measured,
  measure,
  type Quantity,
} from '../load/measure.ts'
import { type Usage, usageOf } from '../load/usage.ts'
import { ask, startProcess } from '../processes.ts'
import { countRows } from '../rows.ts'
import { type Setting, startSetting } from '../setting.ts'
import { median } from '../statistics.ts'
import { definePart } from './part.ts'

/** Of the database, for the service and for the floor. */
const POOL = 20

const key = readWebhookSecret(sandboxSecrets.webhookSecret)

export const inbound = definePart({
  options: {
    deliveries: { says: 'webhooks of a round of inbound', byDefault: 6_000 },
    rounds: { says: 'rounds of each, floor and service in turn', byDefault: 3 },
  },
  figures: {
    inboundRate: { says: 'webhooks verified and stored a second', unit: '/s' },
    inboundFloorRate: { says: 'the same, floor: stored alone', unit: '/s' },
    inboundRatio: { says: 'share of the floor', unit: '', atLeast: 0.6 },
    inboundP50: { says: 'half are acknowledged within', unit: 'ms' },
    inboundP99: { says: '99 of 100 are acknowledged within', unit: 'ms', atMost: 60 },
    inboundFloorP99: { says: 'the same, floor', unit: 'ms' },
    inboundCpu: { says: "the service's processor time for each", unit: 'ms' },
    inboundErrors: { says: 'webhooks not acknowledged', unit: '', atMost: 0 },
    inboundLost: { says: 'acknowledged without a row, or the reverse', unit: '', atMost: 0 },
  },

  async run({ options, say }) {
    await using stack = new AsyncDisposableStack()
    say(`Inbound: ${CONNECTIONS} connections, ${POOL} database connections each, fsync on, workers off.\n`)
    const setting = stack.use(
      await startSetting({
        wallets: 0,
        paywalls: 0,
        environment: { WORKERS: 'off', DATABASE_CONNECTIONS: String(POOL) },
      }),
    )
    const floor = await startFloor(setting.sandbox, stack)
    const service = ofService(setting)
    const load = startLoad(stack)
    // signed as the round begins: a signature is good for five minutes
    const play = (contestant: (calls: Call[]) => Contestant) =>
      measure(load, contestant(deliveries(options.deliveries!)), null)

    const rounds: { floor: Measured; service: Measured }[] = []
    const warm = [await play(floor), await play(service)]
    for (let number = 1; number <= options.rounds!; number++) {
      const one = { floor: await play(floor), service: await play(service) }
      rounds.push(one)
      say(`round ${number}   floor ${lineOf(one.floor)}   service ${lineOf(one.service)}`)
    }

    const stored = [warm[1]!, ...rounds.map((one) => one.service)].reduce((sum, one) => sum + one.accepted, 0)
    const middle = (who: 'floor' | 'service', figure: Quantity) => median(rounds.map((one) => one[who][figure]))
    return {
      inboundRate: middle('service', 'rate'),
      inboundFloorRate: middle('floor', 'rate'),
      inboundRatio: middle('service', 'rate') / middle('floor', 'rate'),
      inboundP50: middle('service', 'p50'),
      inboundP99: middle('service', 'p99'),
      inboundFloorP99: middle('floor', 'p99'),
      inboundCpu: middle('service', 'cpuPerCall'),
      inboundErrors: errorsIn([...warm, ...rounds.flatMap((one) => [one.floor, one.service])], say),
      inboundLost: Math.abs(stored - (await countRows(setting, 'webhook_inbox'))),
    }
  },
})

/** Webhooks of Crossmint, each an event of its own. */
function deliveries(count: number): Call[] {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return Array.from({ length: count }, () => {
    const id = `msg_${randomUUID()}`
    const body = transfer(id)
    return {
      headers: {
        'svix-id': id,
        'svix-timestamp': timestamp,
        'svix-signature': signatureOf(key, id, timestamp, body),
      },
      body,
    }
  })
}

const transfer = (id: string): string => {
  const party = (address: string) => ({ address, chain: 'avalanche-fuji', locator: `avalanche-fuji:${address}` })
  const contract = `0x${'c3'.repeat(20)}`
  return JSON.stringify({
    id,
    type: 'wallets.transfer.out',
    data: {
      sender: party(`0x${'a1'.repeat(20)}`),
      recipient: party(`0x${'b2'.repeat(20)}`),
      token: {
        ...{
          type: 'fungible',
          chain: 'avalanche-fuji',
          locator: `avalanche-fuji:${contract}`,
          contractAddress: contract,
        },
        ...{ symbol: 'USDC', decimals: 6, amount: '1.0', rawAmount: '1000000' },
      },
      status: 'succeeded',
      transferId: randomUUID(),
      onChain: { txId: `0x${'d4'.repeat(32)}`, explorerLink: `https://testnet.snowtrace.io/tx/0x${'d4'.repeat(32)}` },
      completedAt: '2026-05-01T10:00:05.000Z',
    },
  })
}

const ofService =
  ({ sandbox, service }: Setting) =>
  (calls: Call[]): Contestant => ({
    round: {
      port: Number(new URL(service.url).port),
      path: '/webhooks/crossmint',
      headers: {},
      calls,
      expected: '"stored":true',
    },
    usage: () => usageOf(sandbox.serviceUrl),
  })

async function startFloor({ database }: Sandbox, stack: AsyncDisposableStack): Promise<(calls: Call[]) => Contestant> {
  await createFloorTable(database)
  const floor = startProcess(new URL('./floor-process.ts', import.meta.url), stack, {
    DATABASE_URL: database.applicationUrl,
    DATABASE_CONNECTIONS: String(POOL),
  })
  const [{ port }] = (await once(floor, 'message')) as [{ port: number }]
  return (calls) => ({
    round: { port, path: '/', headers: {}, calls, expected: '"stored":true' },
    usage: () => ask<Usage>(floor, 'usage'),
  })
}

/** A table for the floor's rows, with the columns and indexes of ours and nothing else. */
async function createFloorTable({ ownerUrl, applicationUrl }: Sandbox['database']): Promise<void> {
  const role = new URL(applicationUrl).username
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('create schema floor')
    await client.query(
      'create table floor.webhook_inbox (like public.webhook_inbox including defaults including indexes)',
    )
    await client.query(`grant usage on schema floor to ${role}`)
    await client.query(`grant insert on all tables in schema floor to ${role}`)
  } finally {
    await client.end()
  }
}
