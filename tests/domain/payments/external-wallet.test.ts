import { afterAll, beforeAll, expect, test } from 'vitest'
import { transactionColumns } from '../../../server/domain/transactions/columns.ts'
import { workOn } from '../../../server/domain/transactions/work.ts'
import { payer } from '../../support/payer.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

let world: World
/** Milliseconds that the service's clock is ahead. */
const ahead = 0

beforeAll(async () => {
  world = await testWorld({ workers: false, clock: { now: () => new Date(Date.now() + ahead) } })
})
afterAll(() => world[Symbol.asyncDispose]())

test('what a payer signs in a wallet of their own settles, and every step is in the trail', async () => {
  const [buyer, paywall] = await Promise.all([payer(world), world.paywall()])
  const { client } = buyer

  const quote = await client.payments.quote.query({ paywallId: paywall.id, walletId: buyer.wallet.id })
  expect(quote).toMatchObject({ payer: buyer.address, payable: true, outcome: 'allow' })
  const payment = await buyer.accept(paywall)
  expect(payment).toMatchObject({ state: 'accepted', payer: buyer.address, replayed: false })

  const calls = await client.payments.calls.mutate({ paymentId: payment.id })
  expect(calls).toMatchObject({ paymentId: payment.id, chain: payment.chain, from: buyer.address })
  const hash = await buyer.send(calls)
  expect(await client.payments.submitted.mutate({ paymentId: payment.id, hash })).toMatchObject({
    state: 'submitted',
    transactionHash: hash,
  })
  await look(payment.transactionId)

  const settled = await client.payments.get.query({ paymentId: payment.id })
  expect(settled).toMatchObject({ state: 'settled', transactionHash: hash, failure: null })
  expect(await client.access.check.query({ paywallId: paywall.id, walletId: buyer.wallet.id })).toMatchObject({
    granted: true,
  })
  expect(await world.transfers(buyer.address, USDC)).toBe(1)
  expect(await told(payment.id)).toEqual([
    'payment.accepted',
    'payment.submitted',
    'transaction.submitted',
    'payment.settled',
  ])
})

/** Works on a transaction as a worker does that finds it due. */
async function look(transactionId: string): Promise<void> {
  const { services } = world.built
  await services.db
    .updateTable('transaction')
    .set((row) => ({ next_attempt_at: services.clock.now(), attempts: row('attempts', '+', 1) }))
    .where('id', '=', transactionId)
    .execute()
  await workOn(services, await rowOf(transactionId))
}

const rowOf = (id: string) =>
  world.built.services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** The types of the events of an object, in their order. */
async function told(objectId: string): Promise<string[]> {
  const rows = await world.built.services.db
    .selectFrom('event')
    .select('type')
    .where('object_id', '=', objectId)
    .orderBy('sequence')
    .execute()
  return rows.map(({ type }) => type)
}
