import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { resetChain } from '../../sandbox/chain/disturb-chain.ts'
import type { Payment } from '../../server/contract/entities.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld, USDC, type World } from '../support/world.ts'

test('F12: a settled payment that the chain drops needs attention, and its access is taken back', async () => {
  await using world = await testWorld()
  const payment = await pay(world)
  await world.until(payment.id, 'settled')
  expect(await hasAccess(world, payment)).toBe(true)

  await world.crossmint.reorg({ depth: 1 })

  const dropped = await world.until(payment.id, 'attention')
  expect(dropped.failure?.reason).toBe('dropped_by_chain')
  expect(await hasAccess(world, payment)).toBe(false)
  expect(await world.transfers(payment.payer, USDC)).toBe(0)
  expect(alertsOf(world, payment)).toHaveLength(1)
  expect(await metricsOf(world)).toContain('payments{state="attention"} 1\n')
  expect(await faultsOf(world)).toEqual(['F12 reorg'])
})

test('F12: what the chain dropped and includes again is settled again, with the access it had, and paid once', async () => {
  await using world = await testWorld()
  const payment = await pay(world)
  await world.until(payment.id, 'settled')
  const [bought] = (await world.client.access.list.query({})).items

  await world.crossmint.configure({ relayer: { broadcastDelay: 1_500 } })
  await world.crossmint.reorg({ depth: 1, resend: true })

  await world.until(payment.id, 'attention')
  expect(await hasAccess(world, payment)).toBe(false)
  const settled = await world.until(payment.id, 'settled')
  expect(settled.failure).toBeNull()
  expect(await world.transfers(payment.payer, USDC)).toBe(1)
  expect(await hasAccess(world, payment)).toBe(true)
  expect((await world.client.access.list.query({})).items).toEqual([bought])
  expect(alertsOf(world, payment)).toHaveLength(1)
  expect(await faultsOf(world)).toEqual(['F12 reorg'])
})

test('F12: a payment that is deep enough stays settled', async () => {
  await using world = await testWorld()
  const payment = await pay(world)
  await world.until(payment.id, 'settled')
  for (let block = 0; block < 5; block++) await world.wallet(USDC)
  await eventually(async () => expect(await nextLookAt(world, payment)).toBeNull())

  await world.crossmint.reorg({ depth: 1 })
  const next = await pay(world)

  await world.until(next.id, 'settled')
  expect((await world.client.payments.get.query({ paymentId: payment.id })).state).toBe('settled')
  expect(alertsOf(world, payment)).toEqual([])
})

test('F15: when the chain starts anew, what it forgot needs attention, what it refuses fails, and new payments settle', async () => {
  await using world = await testWorld()
  const settled = await pay(world)
  await world.until(settled.id, 'settled')
  const held = await pay(world, (wallet) => world.crossmint.inject({ mode: 'F6', match: { wallet } }))
  const onItsWay = await eventually(async () => {
    const pending = (await world.crossmint.transactions()).find(({ status }) => status === 'pending')
    return pending ?? Promise.reject(new Error('not approved yet'))
  })

  await resetChain(world.chain.url)

  expect((await world.until(settled.id, 'attention')).failure?.reason).toBe('dropped_by_chain')
  expect(await hasAccess(world, settled)).toBe(false)
  await world.crossmint.advance(onItsWay.id)
  expect((await world.until(held.id, 'failed')).failure?.reason).toBe('execution_reverted')

  const after = await pay(world)
  await world.until(after.id, 'settled')
  expect(await world.transfers(after.payer, USDC)).toBe(1)
  expect(await world.transfers(settled.payer, USDC)).toBe(0)
  expect(await world.transfers(held.payer, USDC)).toBe(0)
  expect(alertsOf(world, settled)).toHaveLength(1)
  expect(await faultsOf(world)).toContain('F15 reset')
})

async function pay(world: World, prepare: (wallet: string) => Promise<unknown> = async () => {}): Promise<Payment> {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  await prepare(wallet.address)
  const input = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  return world.client.payments.create.mutate(input)
}

const hasAccess = async (world: World, { paywallId, walletId }: Payment) =>
  (await world.client.access.check.query({ paywallId, walletId })).granted

const alertsOf = (world: World, { id }: Payment) =>
  world.log.filter((line) => line.alert === true && line.paymentId === id)

const metricsOf = async (world: World) => (await fetch(`${world.url}/metrics`)).text()

const faultsOf = async (world: World) =>
  (await world.crossmint.journal({ type: 'fault' })).map(({ mode, variant }) => `${mode} ${variant}`)

async function nextLookAt(world: World, payment: Payment) {
  const { db } = world.built.services
  const row = db.selectFrom('transaction').select('next_attempt_at').where('id', '=', payment.transactionId)
  return (await row.executeTakeFirstOrThrow()).next_attempt_at
}
