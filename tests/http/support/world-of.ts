import { randomUUID } from 'node:crypto'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import type { Paywall } from '../../../server/contract/entities.ts'
import type { Person } from '../../support/people.ts'
import { USDC, type World } from '../../support/world.ts'

/** The world of one person: every wallet that is made in it is theirs, and every paywall too if they may open one. */
export const worldOf = (world: World, person: Person): World => ({
  ...world,
  async wallet(amount) {
    const { id: walletId } = await world.wallet(amount)
    return world.client.wallets.link.mutate({ walletId, userId: person.userId })
  },
  async paywall(patch) {
    const { status, data } = await person.mutate('paywalls.create', { ...aPaywall(world), ...patch })
    return status === 200 ? (data as Paywall) : world.paywall(patch)
  },
})

/** The world of another app, to which nothing of the first belongs. */
export async function worldElsewhere(world: World): Promise<World> {
  const { client, ...app } = await world.stranger()
  return {
    ...world,
    ...app,
    client,
    paywall: (patch) => client.paywalls.create.mutate({ ...aPaywall(world), ...patch }),
    async wallet(amount = 100n * USDC) {
      const wallet = await client.wallets.create.mutate({ owner: randomUUID() })
      if (amount > 0n) await mintUsdc(world.chain.url, { to: wallet.address, amount })
      return wallet
    },
  }
}

const aPaywall = ({ assetId }: World) => ({
  title: 'An article',
  assetId,
  price: USDC,
  recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  idempotencyKey: randomUUID(),
})
