import { createHmac, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Connection, connect } from '../../../db/connect.ts'
import type { TransactionRow } from '../../../db/schema.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { shardOf } from '../../../server/domain/shard.ts'
import { claimDue } from '../../../server/domain/transactions/claim-due.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { heardOfOperations } from '../../../server/domain/transactions/heard-of.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import { claimWebhooks, inboxShard } from '../../../server/domain/webhooks/inbox.ts'
import { processWebhook } from '../../../server/domain/webhooks/process-webhook.ts'
import { type Chain, ChainUnavailable } from '../../../server/gateways/chain/chain.ts'
import { ProviderError, type WalletProvider } from '../../../server/gateways/wallet-provider.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import type { Services } from '../../../server/services.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

const shuffles = process.env.SOAK ? 10_000 : 400
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)

/** What the provider tells of a payment, each as an event of its own. */
const events = [
  'a webhook arrives',
  'the webhook arrives under another id',
  'a webhook without the reference arrives',
] as const

/** Something else that may happen to a payment on its way, in any order, any number of times. */
const happening = fc.oneof(
  { weight: 2, arbitrary: fc.constant('the chain includes it' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a forged webhook arrives' as const, 'an old webhook arrives' as const),
  },
  { weight: 3, arbitrary: fc.constantFrom('the inbox is worked on' as const, 'a worker dies with the inbox' as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'it is polled' as const,
      'it is polled twice at once' as const,
      'a worker dies with it' as const,
      'a block is watched' as const,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('the chain is out of reach' as const, 'the provider is out of reach' as const),
  },
  { weight: 1, arbitrary: fc.constant('all are back' as const) },
  { weight: 2, arbitrary: fc.constant('time passes' as const) },
)
type Happening = (typeof events)[number] | (typeof happening extends fc.Arbitrary<infer T> ? T : never)

/** Each event delivered 0 to 3 times, among whatever else happens, in any order. One that was never delivered is lost. */
const schedule: fc.Arbitrary<Happening[]> = fc
  .tuple(
    fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
      .map((times) => events.flatMap((event, n) => Array(times[n]!).fill(event))),
    fc.array(happening, { maxLength: 8 }),
  )
  .chain(([deliveries, others]) => {
    const all: Happening[] = [...deliveries, ...others]
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
  })

/** Those that are looked for: all is lost, and only polling tells; each is delivered three times, before the chain shows it and after. */
const surely: [Happening[]][] = [
  [['the chain includes it', 'it is polled']],
  [
    [
      ...events,
      'the inbox is worked on',
      ...events,
      'the chain includes it',
      ...events,
      'the inbox is worked on',
      'it is polled',
    ],
  ],
]

test(`${shuffles} schedules of a payment's webhooks and polls end in the same state (seed ${seed})`, {
  timeout: 1_800_000,
}, async () => {
  await using world = await testWorld({ workers: false })
  await using owner = connect(world.database.ownerUrl, { isolation: 'read committed' })
  // every round begins with the trail as it was
  for (const table of ['audit', 'event'])
    await owner.pool.query(`alter table ${table} disable trigger ${table}_append_only`)
  const lanes: Lane[] = []
  // a shard each, so that none claims what is another's
  while (lanes.length < 4) {
    const lane = await openLane(world, owner)
    if (lanes.some(({ shard }) => shard === lane.shard)) await lane.rest()
    else lanes.push(lane)
  }
  // deep enough to be final
  await rpc(world.chain.url, 'anvil_mine', ['0xa'])

  const met = { lost: 0, thrice: 0 }
  await Promise.all(
    lanes.map(async (lane, index) => {
      const expected = await lane.live([])
      expect(expected).toMatchObject({
        state: 'confirmed',
        payment: 'settled',
        events: ['payment.accepted', 'payment.submitted', 'transaction.submitted', 'payment.settled'],
        leaves: 4n,
        accesses: [{ revoked_at: null }],
      })
      await fc.assert(
        fc.asyncProperty(schedule, async (happenings) => {
          const times = events.map((event) => happenings.filter((one) => one === event).length)
          if (times.every((count) => count === 0)) met.lost++
          if (times.some((count) => count === 3)) met.thrice++
          expect(await lane.live(happenings)).toEqual(expected)
        }),
        { numRuns: shuffles / lanes.length, seed: seed + index, endOnFailure: true, examples: surely },
      )
    }),
  )

  for (const count of Object.values(met)) expect(count).toBeGreaterThanOrEqual(lanes.length)
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
  for (const { sender } of lanes) expect(await world.transfers(sender, USDC)).toBe(1)
})

type Lane = Awaited<ReturnType<typeof openLane>>

/** A payment that was submitted and is on the chain already, though nobody sees it there before it is let. It can be lived again and again. */
async function openLane(world: World, { pool: owner, db }: Connection) {
  let time = Date.now() + 60_000
  const start = time
  const visible = { landed: false, chain: true, provider: true }
  const services: Services = {
    ...world.built.services,
    clock: { now: () => new Date(time) },
    chains: { get: (id) => veiled(world.built.services.chains.get(id)!, visible), all: () => [] },
    provider: veiledProvider(world.built.services.provider, visible),
    nudge: { transaction: () => {}, inbox: () => {}, report: () => {}, feed: () => {}, delivery: () => {} },
    patience: {
      ...world.built.services.patience,
      deadline: 24 * 3_600_000,
      lease: 20_000,
      look: { first: 1_000, longest: 30_000 },
    },
  }

  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet(USDC)])
  const input = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const payment = await world.client.payments.create.mutate(input)
  const id = payment.transactionId
  const shard = shardOf(id)
  const read = () =>
    db.selectFrom('transaction').select(transactionColumns).where('id', '=', id).executeTakeFirstOrThrow()
  await poll()
  const submitted = await read()
  const operation = await eventually(async () => {
    const chain = world.built.services.chains.get(submitted.chain_id)!
    return (
      (await chain.userOperation(submitted.user_operation_hash as `0x${string}`)) ??
      Promise.reject(new Error('not landed'))
    )
  })
  const message = await eventually(async () => {
    const sent = (await world.crossmint.webhooks()).find(({ body }) => body.includes(wallet.address))
    return sent ?? Promise.reject(new Error('no webhook'))
  })
  const before = (await owner.query('select * from payment where id = $1', [payment.id])).rows[0]
  let run = 0

  async function poll() {
    for (const row of await claimDue(services, shard, 10)) await workOn(services, row).catch(expectOutage)
  }

  async function deliver(id: string, body: string, { secret = sandboxSecrets.webhookSecret, age = 0 } = {}) {
    const timestamp = Math.floor(Date.now() / 1000) - age
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    const response = await fetch(`${world.url}/webhooks/crossmint`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': `${timestamp}`,
        'svix-signature': `v1,${signature}`,
      },
      body,
    })
    await response.arrayBuffer()
    return response.status
  }

  const ids = () => ['again', 'other', 'bare', 'forged', 'old'].map((name) => `${name}-${shard}-${run}`)
  const inboxShards = () => new Set(ids().map(inboxShard))
  const withoutReference = () => {
    const { data, ...rest } = JSON.parse(message.body)
    return JSON.stringify({ ...rest, data: { ...data, transferId: undefined } })
  }

  const make: Record<Happening, () => unknown> = {
    'the chain includes it': () => {
      visible.landed = true
    },
    'a webhook arrives': async () => expect(await deliver(ids()[0]!, message.body)).toBe(200),
    'the webhook arrives under another id': async () => expect(await deliver(ids()[1]!, message.body)).toBe(200),
    'a webhook without the reference arrives': async () =>
      expect(await deliver(ids()[2]!, withoutReference())).toBe(200),
    'a forged webhook arrives': async () =>
      expect(await deliver(ids()[3]!, message.body, { secret: 'whsec_Zm9yZ2Vk' })).toBe(401),
    'an old webhook arrives': async () => expect(await deliver(ids()[4]!, message.body, { age: 301 })).toBe(401),
    'the inbox is worked on': async () => {
      for (const each of inboxShards())
        for (const webhook of await claimWebhooks(services, each, 10)) await processWebhook(services, webhook)
    },
    'a worker dies with the inbox': async () => {
      for (const each of inboxShards()) await claimWebhooks(services, each, 10)
    },
    'it is polled': poll,
    'it is polled twice at once': async () => {
      const row = await read()
      await Promise.all([poll(), workOn(services, row).catch(expectOutage), workOn(services, row).catch(expectOutage)])
    },
    'a worker dies with it': () => claimDue(services, shard, 10),
    'a block is watched': async () => {
      if (visible.landed) await heardOfOperations(services, [operation])
    },
    'the chain is out of reach': () => {
      visible.chain = false
    },
    'the provider is out of reach': () => {
      visible.provider = false
    },
    'all are back': () => {
      visible.chain = true
      visible.provider = true
    },
    'time passes': () => {
      time += 40_000
    },
  }

  return {
    shard,
    sender: wallet.address,
    /** Takes the payment out of everybody's way. */
    rest: () => owner.query('update transaction set next_attempt_at = null where id = $1', [id]),

    /** Lives the payment's way from its submission on, then lets the world be well until nothing is due any more. */
    async live(happenings: readonly Happening[]) {
      time = start
      run++
      Object.assign(visible, { landed: false, chain: true, provider: true })
      await startAnew()
      for (const each of happenings) await make[each]()

      Object.assign(visible, { landed: true, chain: true, provider: true })
      let row = await read()
      for (let round = 0; row.next_attempt_at !== null; round++) {
        if (round === 10) throw new Error(`still ${row.state} after ${happenings.join(', ')}`)
        time += 40_000
        await poll()
        row = await read()
      }
      return end(row)
    },
  }

  /** Puts the rows back to where they were when the provider had taken the payment. */
  async function startAnew() {
    const now = new Date(time)
    const due = new Date(time + 1_000)
    await owner.query(
      `with transaction_again as (
        update transaction set state = $2, transaction_hash = null, block_number = null, block_hash = null, log_index = null,
          failure_reason = null, failure_message = null, attempts = 0, version = $3, next_attempt_at = $4, submitting_since = $5
        where id = $1
      ), payment_again as (
        update payment set state = $7, settled_at = null, version = $8, audit_head = $9 where id = $6
      ), access_gone as (delete from access where payment_id = $6),
      audit_gone as (delete from audit where stream = $6 and sequence > $8)
      delete from event where object_id = $6 and sequence > $8`,
      [
        ...[id, submitted.state, submitted.version, due, now],
        ...[payment.id, before.state, before.version, before.audit_head],
      ],
    )
  }

  async function end(row: TransactionRow) {
    const [state, events, audit, accesses] = await Promise.all([
      db.selectFrom('payment').select('state').where('id', '=', payment.id).executeTakeFirstOrThrow(),
      db.selectFrom('event').select('type').where('object_id', '=', payment.id).orderBy('sequence').execute(),
      db.selectFrom('audit').select('sequence').where('stream', '=', payment.id).orderBy('sequence', 'desc').execute(),
      db.selectFrom('access').select('revoked_at').where('payment_id', '=', payment.id).execute(),
    ])
    const { transaction_hash, block_number, block_hash, log_index, failure_reason, version } = row
    return {
      ...{ state: row.state, transaction_hash, block_number, block_hash, log_index, failure_reason, version },
      payment: state.state,
      events: events.map(({ type }) => type),
      leaves: audit[0]!.sequence,
      accesses,
    }
  }
}

function expectOutage(error: unknown): void {
  if (!(error instanceof ChainUnavailable)) throw error
}

interface Visible {
  landed: boolean
  chain: boolean
  provider: boolean
}

/** The chain as it looks while it is out of reach, or before the block that carries the transaction. */
function veiled(chain: Chain, visible: Visible): Chain {
  const seen = async <T>(answer: () => Promise<T>): Promise<T> => {
    if (!visible.chain) throw new ChainUnavailable('out of reach')
    return answer()
  }
  return {
    ...chain,
    blockNumber: () => seen(chain.blockNumber),
    receipt: (hash) => seen(async () => (visible.landed ? chain.receipt(hash) : null)),
    userOperation: (hash) => seen(async () => (visible.landed ? chain.userOperation(hash) : null)),
  }
}

function veiledProvider(provider: WalletProvider, visible: Visible): WalletProvider {
  return {
    ...provider,
    async get(wallet, reference) {
      if (!visible.provider) throw new ProviderError('unavailable', 'not_reachable', 'out of reach')
      const view = await provider.get(wallet, reference)
      return visible.landed ? view : { ...view, state: 'pending', transactionHash: null }
    },
  }
}
