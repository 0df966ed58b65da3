import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { TransactionRow } from '../../../db/schema.ts'
import { readTransfers } from '../../../sandbox/chain/read-transfers.ts'
import type { Payment, Wallet } from '../../../server/contract/entities.ts'
import { SHARDS } from '../../../server/domain/shard.ts'
import { claimDue } from '../../../server/domain/transactions/claim-due.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import { ProviderError, type WalletProvider } from '../../../server/gateways/wallet-provider.ts'
import type { Services } from '../../../server/services.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

/** Patient enough that nothing is late because the machine is busy. */
const patient = { DEADLINE_MS: '60000', LEASE_MS: '30000' }

const RACES = process.env.SOAK ? 100 : 40

test(`${RACES} races of a cancellation with the dispatcher: what was cancelled never reaches provider or chain, the rest settles`, {
  timeout: 60_000,
}, async () => {
  await using world = await testWorld({ workers: false, environment: patient })
  const payments = await payFrom(world, await wallets(world, RACES))
  const rows = new Map((await claimAll(world)).map((row) => [row.id, row]))

  for (const batch of batchesOf(payments, 10))
    await Promise.all(
      batch.map(async ({ id: paymentId, transactionId }, index) => {
        const dispatch = () => workOn(world.built.services, rows.get(transactionId)!)
        const cancel = () => world.client.payments.cancel.mutate({ paymentId }).catch(errorOf)
        // the first and the last of a batch are no race, so that both ends come about on any machine
        if (index === 0) await cancel().then(dispatch)
        else if (index === batch.length - 1) await dispatch().then(cancel)
        else await Promise.all([later(index % 3).then(dispatch), later(index % 5).then(cancel)])
      }),
    )
  world.built.startWorkers()
  const ended = await allEnded(world)

  const [asked, paid] = await Promise.all([askedOfProvider(world), paymentsOnChain(world)])
  for (const { payer, state, transactionId } of ended) {
    expect(['cancelled', 'settled']).toContain(state)
    expect(paid.get(payer) ?? 0).toBe(state === 'settled' ? 1 : 0)
    expect(asked.has(transactionId)).toBe(state === 'settled')
  }
  expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['cancelled', 'settled']))
})

test(`${RACES} races of a deny list with the dispatcher: what is refused is never paid, the rest is paid once`, {
  timeout: 60_000,
}, async () => {
  await using world = await testWorld({ workers: false, environment: patient })
  const payments = await payFrom(world, await wallets(world, RACES))
  const rows = new Map((await claimAll(world)).map((row) => [row.id, row]))
  const listed = new Set<string>()

  for (const batch of batchesOf(payments, 5))
    await Promise.all(
      batch.flatMap(({ payer, transactionId }, index) => [
        later(2 * index).then(() => {
          const wasListed = listed.has(transactionId)
          return workOn(world.built.services, rows.get(transactionId)!).then(async () => {
            // whoever was told that the address is on the list is never surprised
            if (wasListed) expect((await stateOf(world, transactionId)).state).toBe('refused')
          })
        }),
        deny(world, payer).then(() => listed.add(transactionId)),
      ]),
    )
  world.built.startWorkers()
  const ended = await allEnded(world)

  const [asked, paid] = await Promise.all([askedOfProvider(world), paymentsOnChain(world)])
  for (const { payer, state, failure, transactionId } of ended) {
    expect(['refused', 'settled']).toContain(state)
    expect(paid.get(payer) ?? 0).toBe(state === 'settled' ? 1 : 0)
    expect(asked.has(transactionId)).toBe(state === 'settled')
    if (state === 'refused') expect(failure?.reason).toBe('ADDRESS_ON_DENY_LIST')
  }
})

test('an address that is listed between creation and dispatch is not paid from', async () => {
  await using world = await testWorld({ workers: false })
  const payments = await payFrom(world, await wallets(world, 5))
  for (const { payer } of payments) await deny(world, payer)

  world.built.startWorkers()

  const ended = await allEnded(world)
  expect(ended.map(({ state }) => state)).toEqual(payments.map(() => 'refused'))
  expect(await askedOfProvider(world)).toEqual(new Set())
})

test('an address that is listed while its payment waits for the provider is not paid from', async () => {
  await using world = await testWorld()
  const [wallet] = await wallets(world, 1)
  await world.crossmint.inject({
    mode: 'F4',
    variant: '409-not-done',
    count: 1_000,
    match: { wallet: wallet!.address },
  })
  const [payment] = await payFrom(world, [wallet!])
  await world.until(payment!.id, 'submitted')

  await deny(world, wallet!.address)

  const failed = await world.until(payment!.id, 'failed')
  expect(failed.failure?.reason).toBe('ADDRESS_ON_DENY_LIST')
  expect(await world.transfers(wallet!.address, USDC)).toBe(0)
})

test('two instances on one database pay each payment once, one at a time from each wallet, in the order of acceptance', {
  timeout: 60_000,
}, async () => {
  await using world = await testWorld({ environment: patient })
  world.instance().startWorkers()
  const senders = await wallets(world, 10, 4n * USDC)
  const rounds: Payment[][] = []
  for (let round = 0; round < 4; round++) rounds.push(await payFrom(world, senders))

  const ended = await allEnded(world)

  expect(ended.map(({ state }) => state)).toEqual(rounds.flat().map(() => 'settled'))
  for (const { address } of senders) expect(await world.transfers(address, USDC)).toBe(4)
  for (const lane of senders.map((_, index) => rounds.map((round) => round[index]!))) {
    const moves = world.log.filter(
      ({ msg, paymentId }) => msg === 'transaction moved' && lane.some(({ id }) => id === paymentId),
    )
    expect(moves.map(({ paymentId, to }) => [paymentId, to])).toEqual(
      lane.flatMap(({ id }) => ['submitting', 'submitted', 'confirmed'].map((to) => [id, to])),
    )
  }
})

test('a worker that dies between creation and approval leaves one transaction, which another worker approves', async () => {
  await using world = await testWorld({ workers: false })
  const { row } = await oneClaimed(world)
  void workOn(
    dying(world, (provider, submission) => provider.submit(submission, 0).catch(() => null)),
    row,
  )
  await eventually(async () => expect(await providerStates(world)).toEqual(['awaiting-approval']))

  world.built.startWorkers()

  const [ended] = await allEnded(world)
  expect(ended?.state).toBe('settled')
  expect(await world.transfers(row.sender, USDC)).toBe(1)
  await eventually(async () => expect(await providerStates(world)).toEqual(['success']))
})

test('when the provider may have forgotten the key, its records tell that it has the transaction', async () => {
  await using world = await testWorld({ workers: false, environment: { DEADLINE_MS: '7200000' } })
  const { row } = await oneClaimed(world)
  void workOn(
    dying(world, (provider, submission) => provider.submit(submission)),
    row,
  )
  await eventually(async () => expect(await providerStates(world)).toEqual(['success']))
  await submittedLongAgo(world, row)

  world.built.startWorkers()

  const [ended] = await allEnded(world)
  expect(ended?.state).toBe('settled')
  expect(await world.transfers(row.sender, USDC)).toBe(1)
  expect(await exchanges(world, 'createTransaction')).toBe(1)
  expect(await exchanges(world, 'listTransactions')).toBeGreaterThan(0)
})

test('what was created under a forgotten key and never approved calls a person: no second one is made', async () => {
  await using world = await testWorld({ workers: false })
  const { payment, row } = await oneClaimed(world)
  void workOn(
    dying(world, (provider, submission) => provider.submit(submission, 0).catch(() => null)),
    row,
  )
  await eventually(async () => expect(await providerStates(world)).toEqual(['awaiting-approval']))
  await submittedLongAgo(world, row)

  world.built.startWorkers()

  await world.until(payment.id, 'attention')
  expect(await providerStates(world)).toEqual(['awaiting-approval'])
  expect(await exchanges(world, 'createTransaction')).toBe(1)
  expect(await exchanges(world, 'approveTransaction')).toBe(0)
})

test('a refusal that comes after the claim was taken over fails nothing', async () => {
  await using world = await testWorld({ workers: false })
  const { payment, row } = await oneClaimed(world)
  const refusal = Promise.withResolvers<never>()
  const first = workOn(providing(world, { submit: () => refusal.promise }), row)
  await eventually(async () => expect((await stateOf(world, row.id)).state).toBe('submitting'))
  const taken = await eventually(async () => {
    const [again] = await claimAll(world)
    return again ?? Promise.reject(new Error('still claimed'))
  })

  refusal.reject(new ProviderError('refused', 'conflict', 'This key is in use'))
  await first

  expect((await stateOf(world, row.id)).state).toBe('submitting')
  await workOn(world.built.services, taken)
  world.built.startWorkers()
  await world.until(payment.id, 'settled')
  expect(await world.transfers(row.sender, USDC)).toBe(1)
})

test('a worker whose claim has ended approves nothing', async () => {
  await using world = await testWorld({ workers: false, environment: { LEASE_MS: '1' } })
  const { row } = await oneClaimed(world)

  await workOn(world.built.services, row)

  expect(await providerStates(world)).toEqual(['awaiting-approval'])
  expect(await exchanges(world, 'approveTransaction')).toBe(0)
})

test('what was told to have failed and is at the provider after all calls a person, and settles', async () => {
  await using world = await testWorld({ workers: false, environment: { DEADLINE_MS: '1500' } })
  const { payment, row } = await oneClaimed(world)
  const refuse = new ProviderError('refused', 'bad_request', 'No')
  const provider = {
    submit: async (...given: Parameters<WalletProvider['submit']>) => {
      await world.built.services.provider.submit(...given)
      throw refuse
    },
  }
  await workOn(providing(world, provider), row)
  expect((await world.client.payments.get.query({ paymentId: payment.id })).state).toBe('failed')

  world.built.startWorkers()

  await world.until(payment.id, 'settled')
  const alerts = world.log.filter(({ alert }) => alert === true)
  expect(alerts).toMatchObject([{ paymentId: payment.id, failure_reason: 'landed_after_failure' }])
  expect(await world.transfers(row.sender, USDC)).toBe(1)
})

async function wallets(world: World, count: number, amount = USDC): Promise<Wallet[]> {
  const made: Wallet[] = []
  for (const batch of batchesOf(Array.from({ length: count }), 10))
    made.push(...(await Promise.all(batch.map(() => world.wallet(0n)))))
  await world.crossmint.fund(...made.map(({ address }) => ({ address, amount })))
  return made
}

async function payFrom(world: World, from: readonly Wallet[]): Promise<Payment[]> {
  const paywall = await world.paywall()
  const payments: Payment[] = []
  for (const batch of batchesOf(from, 10)) {
    const pay = ({ id }: Wallet) =>
      world.client.payments.create.mutate({ paywallId: paywall.id, walletId: id, idempotencyKey: randomUUID() })
    payments.push(...(await Promise.all(batch.map(pay))))
  }
  return payments
}

async function claimAll(world: World): Promise<TransactionRow[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => claimDue(world.built.services, shard, 1_000))
  return (await Promise.all(shards)).flat()
}

async function oneClaimed(world: World) {
  const [payment] = await payFrom(world, await wallets(world, 1))
  const [row] = await claimAll(world)
  return { payment: payment!, row: row! }
}

/** Every payment, once none is on its way any more. */
async function allEnded(world: World): Promise<Payment[]> {
  await eventually(async () => {
    const open = await world.built.services.db
      .selectFrom('payment')
      .select('id')
      .where('state', 'in', ['accepted', 'submitted', 'attention'])
      .execute()
    if (open.length > 0) throw new Error(`${open.length} payments are on their way`)
  }, 40_000)
  return (await world.client.payments.list.query({ limit: 100 })).items
}

const stateOf = (world: World, id: string) =>
  world.built.services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

const deny = (world: World, address: string) =>
  world.client.lists.add.mutate({ list: 'sanctions', address, reason: 'named by the regulator' })

/** The idempotency keys under which transactions were asked for. */
async function askedOfProvider(world: World): Promise<Set<string | null>> {
  const asked = (await world.crossmint.journal({ type: 'exchange' })).filter(
    ({ endpoint }) => endpoint === 'createTransaction',
  )
  return new Set(asked.map(({ idempotencyKey }) => idempotencyKey))
}

/** How many transfers of one USDC the chain shows from each wallet. */
async function paymentsOnChain(world: World): Promise<Map<string, number>> {
  const transfers = (await readTransfers(world.chain.url, world.contracts.usdc)).filter(({ amount }) => amount === USDC)
  const bySender = Map.groupBy(transfers, ({ from }) => from as string)
  return new Map([...bySender].map(([from, all]) => [from, all.length]))
}

const exchanges = async (world: World, endpoint: string) =>
  (await world.crossmint.journal({ type: 'exchange' })).filter((exchange) => exchange.endpoint === endpoint).length

const providerStates = async (world: World) => (await world.crossmint.transactions()).map(({ status }) => status)

const providing = ({ built: { services } }: World, provider: Partial<WalletProvider>): Services => ({
  ...services,
  provider: { ...services.provider, ...provider },
})

/** A worker that is never heard of again once it has called the provider. */
function dying(
  world: World,
  last: (provider: WalletProvider, submission: Parameters<WalletProvider['submit']>[0]) => Promise<unknown>,
): Services {
  const submit: WalletProvider['submit'] = async (submission) => {
    await last(world.built.services.provider, submission)
    return new Promise(() => {})
  }
  return providing(world, { submit })
}

async function submittedLongAgo(world: World, { id }: TransactionRow): Promise<void> {
  await world.built.services.db
    .updateTable('transaction')
    .set({ submitting_since: new Date(Date.now() - 20 * 60_000) })
    .where('id', '=', id)
    .execute()
}

const later = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

function batchesOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, batch) => all.slice(batch * size, (batch + 1) * size))
}
