import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTransfers } from '../../../sandbox/chain/read-transfers.ts'
import type { Payment, Wallet } from '../../../server/contract/entities.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { seededRandom } from '../../bench/statistics.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

const RACES = process.env.SOAK ? 500 : 15
const AT_ONCE = 5

let world: World
beforeAll(async () => {
  world = await testWorld({ environment: { DEADLINE_MS: '60000', LEASE_MS: '30000' } })
  world.instance().startWorkers()
})
afterAll(() => world[Symbol.asyncDispose]())

const stateOf = async ({ transactionId }: Payment): Promise<string> => {
  const { state } = await world.built.services.db
    .selectFrom('transaction')
    .select('state')
    .where('id', '=', transactionId)
    .executeTakeFirstOrThrow()
  return state
}

const later = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/**
 * Pays twice, so that the second waits for the first, and has the payer listed at some moment between; answers with the payments, and
 * what each was when the list had its entry.
 */
async function race(paywallId: string, { id: walletId, address }: Wallet, delay: number) {
  const pay = () => world.client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
  const payments = [await pay(), await pay()]
  await later(delay)
  await world.client.lists.add.mutate({ list: 'fraud', address, reason: 'reported' })
  return Promise.all(payments.map(async (payment) => ({ payment, whenListed: await stateOf(payment) })))
}

test(`a wallet that is listed between creation and submission is not paid from: ${RACES} races`, {
  timeout: process.env.SOAK ? 1_800_000 : 120_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`listing races: seed ${seed} (SEED=${seed} repeats their moments)`)
  const random = seededRandom(seed)
  const paywall = await world.paywall()
  const raced: Awaited<ReturnType<typeof race>> = []
  for (let start = 0; start < RACES; start += AT_ONCE) {
    const wallets = await Promise.all(Array.from({ length: AT_ONCE }, () => world.wallet(0n)))
    await world.crossmint.fund(...wallets.map(({ address }) => ({ address, amount: 2n * USDC })))
    // at once, or a little later: by then it waits, is being submitted, or is paid
    const delays = wallets.map(() => (random() < 0.3 ? 0 : random() * 60))
    const races = wallets.map((wallet, index) => race(paywall.id, wallet, delays[index]!))
    raced.push(...(await Promise.all(races)).flat())
  }
  const ended = await eventually(async () => {
    const payments = await Promise.all(
      raced.map(({ payment }) => world.client.payments.get.query({ paymentId: payment.id })),
    )
    const open = payments.filter(({ state }) => state === 'accepted' || state === 'submitted')
    if (open.length > 0) throw new Error(`${open.length} payments are on their way`)
    return payments
  }, 60_000)

  const [exchanges, transfers] = await Promise.all([
    world.crossmint.journal({ type: 'exchange' }),
    readTransfers(world.chain.url, world.contracts.usdc),
  ])
  const asked = new Set(
    exchanges.filter(({ endpoint }) => endpoint === 'createTransaction').map(({ idempotencyKey }) => idempotencyKey),
  )
  for (const [payer, payments] of Map.groupBy(ended, (payment) => payment.payer)) {
    const paid = transfers.filter(({ from, amount }) => from === payer && amount === USDC).length
    expect(paid).toBe(payments.filter(({ state }) => state === 'settled').length)
  }
  for (const [index, { state, transactionId, failure }] of ended.entries()) {
    // once the list has its entry, what still waits is never handed over
    if (['queued', 'refused'].includes(raced[index]!.whenListed)) {
      expect(state).toBe('refused')
      expect(asked.has(transactionId)).toBe(false)
      expect(failure).toMatchObject({ reason: 'ADDRESS_ON_DENY_LIST', refusal: { checks: [{ list: 'fraud' }] } })
    } else expect(['settled', 'failed']).toContain(state)
  }
  const states = Map.groupBy(ended, ({ state }) => state)
  console.log(`listing races: ${[...states].map(([state, all]) => `${all.length} ${state}`).join(', ')}`)
  expect(states.get('refused')).not.toBeUndefined()
  expect(states.get('settled')).not.toBeUndefined()
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})
