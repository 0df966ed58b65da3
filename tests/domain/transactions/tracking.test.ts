import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { TransactionRow } from '../../../db/schema.ts'
import { resetChain } from '../../../sandbox/chain/disturb-chain.ts'
import type { Wallet } from '../../../server/contract/entities.ts'
import { SHARDS } from '../../../server/domain/shard.ts'
import { claimDue } from '../../../server/domain/transactions/claim-due.ts'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { heardOf } from '../../../server/domain/transactions/heard-of.ts'
import { finish, postpone } from '../../../server/domain/transactions/postpone.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import { type Chain, ChainUnavailable } from '../../../server/gateways/chain/chain.ts'
import type { Services } from '../../../server/services.ts'
import { watchChain } from '../../../server/workers/chain-watcher.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

test('a row is claimed by one of many, and again by another only when the lease is over', async () => {
  await using world = await testWorld({ workers: false, environment: { LEASE_MS: '2500' } })
  const id = await submitted(world)
  await makeDue(world, id)

  const claims = (await Promise.all(Array.from({ length: 10 }, () => claimAll(world)))).flat()

  expect(claims.map((row) => row.id)).toEqual([id])
  expect(await claimAll(world)).toEqual([])
  const again = await eventually(async () => (await claimAll(world))[0] ?? Promise.reject(new Error('still claimed')))
  expect(again).toMatchObject({ id, attempts: 2 })
})

test('a hint that comes during the work is not lost, whether the work ends in a wait or for good', async () => {
  await using world = await testWorld({ workers: false, environment: { LEASE_MS: '60000' } })
  const id = await submitted(world)
  const { services } = world.built
  for (const end of [
    (row: TransactionRow) => postpone(services, row, 3_600_000),
    (row: TransactionRow) => finish(services, row),
  ]) {
    await makeDue(world, id)
    const [row] = await claimAll(world)
    expect(await heardOf(services, { provider: 'crossmint', reference: row!.reference! })).toHaveLength(1)

    await end(row!)

    expect((await claimAll(world)).map((due) => due.id)).toEqual([id])
  }
})

test('what is postponed or finished without a hint rests', async () => {
  await using world = await testWorld({ workers: false })
  const id = await submitted(world)
  await makeDue(world, id)
  const [row] = await claimAll(world)

  await finish(world.built.services, row!)

  expect((await stateOf(world, id)).next_attempt_at).toBeNull()
})

test('one transfer on the chain settles one payment: a second that points to it calls a person', async () => {
  await using world = await testWorld({ workers: false })
  const wallet = await world.wallet(2n * USDC)
  const first = await submitted(world, wallet)
  await until(world, first, 'confirmed')
  const second = await submitted(world, wallet)
  const { transaction_hash } = await stateOf(world, first)
  // as with a provider that has no user operations, and tells the wrong hash
  await world.built.services.db
    .updateTable('transaction')
    .set({ transaction_hash, user_operation_hash: null, next_attempt_at: new Date() })
    .where('id', '=', second)
    .execute()

  await until(world, second, 'attention', withoutEntryPoints(world))

  expect(await stateOf(world, second)).toMatchObject({ failure_reason: 'transfer_counted_already', log_index: null })
  expect(await stateOf(world, first)).toMatchObject({ state: 'confirmed' })
})

test('a chain that is out of reach past the deadline calls a person, and settles the payment once it is back', async () => {
  await using world = await testWorld({ workers: false, environment: { DEADLINE_MS: '300' } })
  const id = await submitted(world)
  const down = async (): Promise<never> => {
    throw new ChainUnavailable('out of reach')
  }

  await until(world, id, 'attention', withChain(world, { userOperation: down, receipt: down, blockNumber: down }))

  expect(await stateOf(world, id)).toMatchObject({ failure_reason: 'chain_unavailable' })
  await until(world, id, 'confirmed')
  expect(world.log.filter(({ alert }) => alert)).toHaveLength(1)
})

test('a chain that makes no more blocks past the deadline calls a person', async () => {
  await using world = await testWorld({ workers: false, environment: { DEADLINE_MS: '300' } })
  const id = await submitted(world)

  await until(world, id, 'attention', withChain(world, { confirmations: 1_000 }))

  expect(await stateOf(world, id)).toMatchObject({ failure_reason: 'not_confirmed' })
})

test('the watcher finds operations in new blocks, and goes on after the chain was reset', async () => {
  await using world = await testWorld({ workers: false })
  const watcher = watchChain(world.built.services, chainOf(world), 20)
  await using _ = { [Symbol.asyncDispose]: () => watcher.stop() }
  const before = await submitted(world)
  await eventually(async () => expect((await stateOf(world, before)).transaction_hash).not.toBeNull())

  await resetChain(world.chain.url)
  const after = await submitted(world)

  await eventually(async () => expect((await stateOf(world, after)).transaction_hash).not.toBeNull())
})

/** A payment of one USDC, handed to the provider. Answers with its transaction. */
async function submitted(world: World, wallet?: Wallet): Promise<string> {
  const [paywall, payer] = await Promise.all([world.paywall(), wallet ?? world.wallet(USDC)])
  const input = { paywallId: paywall.id, walletId: payer.id, idempotencyKey: randomUUID() }
  const { transactionId } = await world.client.payments.create.mutate(input)
  await workOn(world.built.services, await stateOf(world, transactionId))
  return transactionId
}

const stateOf = (world: World, id: string) =>
  world.built.services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

async function claimAll(world: World): Promise<TransactionRow[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => claimDue(world.built.services, shard, 100))
  return (await Promise.all(shards)).flat()
}

const makeDue = (world: World, id: string) =>
  world.built.services.db.updateTable('transaction').set({ next_attempt_at: new Date() }).where('id', '=', id).execute()

/** Works on a transaction, as often as it takes, until it comes to a state. */
const until = (world: World, id: string, state: TransactionRow['state'], services: Services = world.built.services) =>
  eventually(async () => {
    const row = await stateOf(world, id)
    if (row.state === state) return
    await workOn(services, row).catch((error) => {
      if (!(error instanceof ChainUnavailable)) throw error
    })
    throw new Error(`it is ${row.state}`)
  })

const chainOf = (world: World): Chain => world.built.services.chains.all()[0]!

const withChain = (world: World, change: Partial<Chain>): Services => ({
  ...world.built.services,
  chains: { get: () => ({ ...chainOf(world), ...change }), all: () => [] },
})

const withoutEntryPoints = (world: World) => withChain(world, { entryPoints: [] })
