import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { entryOf } from '../../support/lists.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

const add = async (address: string, list = 'sanctions') =>
  entryOf(await world.client.lists.add.mutate({ list, address, reason: 'named by the regulator' }))

const version = async (appId = world.appId) =>
  (
    await world.built.services.db
      .selectFrom('list_version')
      .select('version')
      .where('app_id', '=', appId)
      .executeTakeFirstOrThrow()
  ).version

test('an address is on a list once, however often and at once it is added; each change moves the version by one', async () => {
  await world.client.lists.create.mutate({ name: 'sanctions', kind: 'deny' })
  const address = anyAddress()
  const [before, from] = [await rowCounts(world.database), await version()]
  const added = await Promise.all(Array.from({ length: 10 }, () => add(address)))
  expect(new Set(added.map(({ id }) => id)).size).toBe(1)
  expect(growth(before, await rowCounts(world.database))).toEqual({ list_entry: 1, audit: 1, event: 1 })
  expect(await version()).toBe(from + 1n)

  // a new list, with its first entry, is one change
  await add(address, 'fraud')
  expect(await version()).toBe(from + 2n)
})

test('a hundred additions at once are all done, each in a version of its own', async () => {
  const from = await version()
  const added = await Promise.all(Array.from({ length: 100 }, () => add(anyAddress(), 'busy')))
  expect(new Set(added.map(({ id }) => id)).size).toBe(100)
  expect(await version()).toBe(from + 100n)
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
  expect(quote.checks.filter(({ outcome }) => outcome !== 'allow')).toMatchObject([
    { outcome: 'deny', list: 'sanctions', remedy: expect.stringContaining('sanctions') },
  ])
})
