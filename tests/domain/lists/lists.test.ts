import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

const add = (address: string, list = 'sanctions') =>
  world.client.lists.add.mutate({ list, address, reason: 'named by the regulator' })

const version = async (appId = world.appId) =>
  (
    await world.built.services.db
      .selectFrom('list_version')
      .select('version')
      .where('app_id', '=', appId)
      .executeTakeFirstOrThrow()
  ).version

test('an address is on a list once, however often and at once it is added; each change moves the version by one', async () => {
  const address = anyAddress()
  const [before, from] = [await rowCounts(world.database), await version()]
  const added = await Promise.all(Array.from({ length: 10 }, () => add(address)))
  expect(new Set(added.map(({ id }) => id)).size).toBe(1)
  expect(growth(before, await rowCounts(world.database))).toEqual({ list_entry: 1, audit: 1, event: 1 })
  expect(await version()).toBe(from + 1n)

  await add(address, 'fraud')
  expect(await version()).toBe(from + 2n)
})

test('an entry taken off stays readable, is taken off once, and can be added anew', async () => {
  const address = anyAddress()
  const entry = await add(address)
  const from = await version()
  const removed = await Promise.all(
    Array.from({ length: 5 }, () => world.client.lists.remove.mutate({ entryId: entry.id })),
  )
  for (const each of removed) expect(each).toEqual({ ...entry, removedAt: removed[0]!.removedAt })
  expect(removed[0]!.removedAt).toBeInstanceOf(Date)
  expect(await version()).toBe(from + 1n)

  const again = await add(address)
  expect(again.id).not.toBe(entry.id)
  expect(again.removedAt).toBeNull()
})

test("an app's list is its own: another app pays to the address, and its version does not move", async () => {
  const stranger = await world.stranger()
  const [paywall, wallet] = await Promise.all([
    stranger.client.paywalls.create.mutate({
      title: 't',
      assetId: world.assetId,
      price: 1n,
      recipient: anyAddress(),
      idempotencyKey: randomUUID(),
    }),
    stranger.client.wallets.create.mutate({ owner: randomUUID() }),
  ])
  await world.crossmint.fund({ address: wallet.address, amount: 1n })
  await add(paywall.recipient)
  const { outcome, payable } = await stranger.client.payments.quote.query({
    paywallId: paywall.id,
    walletId: wallet.id,
  })
  expect({ outcome, payable }).toEqual({ outcome: 'allow', payable: true })
  expect(await version(stranger.appId)).toBe(0n)
})

test('an address is found on a list in whatever case it was written', async () => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  await add(wallet.address.toLowerCase())
  const quote = await world.client.payments.quote.query({ paywallId: paywall.id, walletId: wallet.id })
  expect(quote.checks).toMatchObject([
    { outcome: 'deny', list: 'sanctions', remedy: expect.stringContaining('sanctions') },
  ])
})
