import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { testWorld, USDC, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

test('an owner has one wallet per app, however often and at once it is asked for', async () => {
  const before = await rowCounts(world.database)
  const made = await Promise.all(
    Array.from({ length: 20 }, () => world.client.wallets.create.mutate({ owner: 'customer-1' })),
  )
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(growth(before, await rowCounts(world.database))).toEqual({ wallet: 1, audit: 1, event: 1 })
  expect(await world.client.wallets.create.mutate({ owner: 'customer-1' })).toEqual(made[0])
  expect(await world.client.wallets.get.query({ walletId: made[0]!.id })).toEqual(made[0])
})

test('the same owner of another app has another wallet', async () => {
  const stranger = await world.stranger()
  const mine = await world.client.wallets.create.mutate({ owner: 'customer-2' })
  const theirs = await stranger.client.wallets.create.mutate({ owner: 'customer-2' })
  expect(theirs.address).not.toBe(mine.address)
})

test('owners differ by case, as the references of an app may', async () => {
  const create = (owner: string) => world.client.wallets.create.mutate({ owner })
  const [lower, upper] = [await create('customer-x'), await create('Customer-X')]
  expect(upper.id).not.toBe(lower.id)
})

test('an owner is a reference: a name or a mail address is refused', async () => {
  for (const owner of ['Ada Lovelace', 'ada@example.com', 'ada/1', '', 'x'.repeat(101), 'ünï']) {
    const error = await world.client.wallets.create
      .mutate({ owner })
      .then(() => expect.unreachable(`It took ${owner}`), errorOf)
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.issues[0]).toMatchObject({ path: ['owner'] })
  }
})

test('the answer of Crossmint is lost: the call may be repeated, and there is one wallet', async () => {
  const owner = randomUUID()
  await world.crossmint.inject({ mode: 'F1', variant: 'drop', match: { endpoint: 'createWallet' } })
  const wallet = await eventuallyCreated(owner)
  expect(await world.client.wallets.create.mutate({ owner })).toEqual(wallet)
  const atCrossmint = (await world.crossmint.wallets()).filter((each) => JSON.stringify(each).includes(owner))
  expect(atCrossmint).toHaveLength(1)
})

/** As an app would: again while the error says that this may help. */
async function eventuallyCreated(owner: string) {
  for (let tries = 0; tries < 5; tries++) {
    const wallet = await world.client.wallets.create.mutate({ owner }).catch((thrown) => {
      if (!errorOf(thrown).retryable) throw thrown
      return null
    })
    if (wallet) return wallet
  }
  return expect.unreachable('No wallet was made')
}

test('balances are what the chain says now', async () => {
  const wallet = await world.wallet(0n)
  const balance = async () => {
    const balances = await world.client.wallets.balances.query({ walletId: wallet.id })
    return balances.find(({ assetId }) => assetId === world.assetId)
  }
  expect(await balance()).toEqual({
    assetId: world.assetId,
    chain: 'eip155:43113',
    symbol: 'USDC',
    decimals: 6,
    amount: 0n,
  })
  await world.crossmint.fund({ address: wallet.address, amount: 2n * USDC })
  expect((await balance())?.amount).toBe(2n * USDC)
})
