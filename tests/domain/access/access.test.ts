import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../../client-sdk/index.ts'
import { type Instance, instance } from '../../http/support/instance.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
// reads at another time than the world, which is now
let later: Instance
let ahead = 0
beforeAll(async () => {
  world = await testWorld()
  later = await instance(world, {}, { clock: { now: () => new Date(Date.now() + ahead) } })
})
afterAll(async () => {
  await later[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

async function bought(accessSeconds: number | undefined, walletId?: string, paywallId?: string) {
  paywallId ??= (await world.paywall({ price: 1n, ...(accessSeconds && { accessSeconds }) })).id
  walletId ??= (await world.wallet()).id
  const { id } = await world.client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
  await world.until(id, 'settled')
  return { paywallId, walletId, paymentId: id }
}

const checkIn = (milliseconds: number, { paywallId, walletId }: { paywallId: string; walletId: string }) => {
  ahead = milliseconds
  return createClient({ url: later.url, apiKey: world.apiKey }).access.check.query({ paywallId, walletId })
}

test('nothing is granted before it is paid', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  const check = await world.client.access.check.query({ paywallId: paywall.id, walletId: wallet.id })
  expect(check).toEqual({ granted: false, access: null })
})

test('access lasts as long as was bought, to the second', async () => {
  const purchase = await bought(60)
  const { granted, access } = await checkIn(0, purchase)
  expect({ granted, paymentId: access?.paymentId }).toEqual({ granted: true, paymentId: purchase.paymentId })
  expect(access!.expiresAt!.getTime() - access!.startsAt.getTime()).toBe(60_000)
  expect((await checkIn(30_000, purchase)).granted).toBe(true)
  expect(await checkIn(60_001, purchase)).toEqual({ granted: false, access: null })
})

test('access without a period is for ever', async () => {
  const purchase = await bought(undefined)
  const { granted, access } = await checkIn(100 * 365 * 86_400_000, purchase)
  expect({ granted, expiresAt: access?.expiresAt }).toEqual({ granted: true, expiresAt: null })
})

test('of two accesses the one that lasts longer counts', async () => {
  const first = await bought(60)
  await world.client.paywalls.update.mutate({ paywallId: first.paywallId, accessSeconds: 3600 })
  const second = await bought(undefined, first.walletId, first.paywallId)
  const { access } = await checkIn(120_000, first)
  expect(access?.paymentId).toBe(second.paymentId)
  const { items } = await world.client.access.list.query({ walletId: first.walletId })
  expect(items.map(({ paymentId }) => paymentId)).toEqual([second.paymentId, first.paymentId])
})

test('access stays when the paywall is archived and when its payer is listed', async () => {
  const purchase = await bought(3600)
  const wallet = await world.client.wallets.get.query({ walletId: purchase.walletId })
  await world.client.paywalls.archive.mutate({ paywallId: purchase.paywallId })
  await world.client.lists.add.mutate({ list: 'sanctions', address: wallet.address, reason: 'later' })
  expect((await world.client.access.check.query(purchase)).granted).toBe(true)
})

test('what is bought with one wallet opens nothing for another', async () => {
  const { paywallId } = await bought(3600)
  const other = await world.wallet(0n)
  expect((await world.client.access.check.query({ paywallId, walletId: other.id })).granted).toBe(false)
})
