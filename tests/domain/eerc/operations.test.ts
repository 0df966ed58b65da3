import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { approvedBy, type Issuer, issuerWorld } from './support/issuer.ts'

let world: Issuer
beforeAll(async () => {
  world = await issuerWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const asked = () => ({ tokenId: world.token.id, reason: 'as agreed with the issuer', idempotencyKey: randomUUID() })

test('a holder transfers: the policy, the chain and the token are asked, and the log of its effect settles it', async () => {
  const [from, to] = [await world.holder(1_000n), await world.holder(0n)]
  const wish = { tokenId: world.token.id, walletId: from.id, to: to.address, amount: 300n }
  const preflight = await world.client.eerc.preflight.query({
    tokenId: wish.tokenId,
    walletId: from.id,
    action: { type: 'transfer', to: to.address, amount: 300n },
  })
  expect(preflight).toMatchObject({ outcome: 'allow', needsApproval: false })
  expect(preflight.checks.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['deny-list', 'tx-allow-list', 'token-simulation']),
  )
  const operation = await world.client.eerc.transfer.mutate({ ...wish, idempotencyKey: randomUUID() })
  expect(operation).toMatchObject({ state: 'accepted', approvalId: null, replayed: false })
  const settled = await world.untilOperation(operation.id, 'settled')
  expect(settled.transactionHash).toMatch(/^0x/)
  expect([await world.balanceOf(from.address), await world.balanceOf(to.address)]).toEqual([700n, 300n])
})

test('minting takes two people, is done by the token’s agent, and once', async () => {
  const holder = await world.holder(0n)
  const wish = { ...asked(), to: holder.address, amount: 50n }
  const operation = await world.client.eerc.mint.mutate(wish)
  expect(operation).toMatchObject({ state: 'held', walletId: world.token.agentWalletId })
  expect((await world.client.eerc.mint.mutate(wish)).id).toBe(operation.id)
  await approvedBy(world.officers[0], operation)
  await world.untilOperation(operation.id, 'settled')
  expect(await world.balanceOf(holder.address)).toBe(50n)
})

test('what is frozen, taken by force and burned is settled by its log', async () => {
  const [holder, other] = [await world.holder(1_000n), await world.holder(0n)]
  const { client, officers } = world
  for (const request of [
    () => client.eerc.freeze.mutate({ ...asked(), holder: holder.address, frozen: 900n }),
    () => client.eerc.forcedTransfer.mutate({ ...asked(), from: holder.address, to: other.address, amount: 500n }),
    () => client.eerc.burn.mutate({ ...asked(), from: holder.address, amount: 100n }),
    () => client.eerc.unfreeze.mutate({ ...asked(), holder: holder.address }),
    () => client.eerc.pause.mutate(asked()),
    () => client.eerc.unpause.mutate(asked()),
    () => client.eerc.disallow.mutate({ ...asked(), holder: other.address }),
    () => client.eerc.allow.mutate({ ...asked(), holder: other.address }),
  ]) {
    const operation = await request()
    await approvedBy(officers[1], operation)
    expect(await world.untilOperation(operation.id, 'settled', 'failed', 'refused')).toMatchObject({ state: 'settled' })
  }
  expect([await world.balanceOf(holder.address), await world.balanceOf(other.address)]).toEqual([400n, 500n])
})

test('every trail of what was done is whole', async () => {
  expect((await verifyTrails(world.built.services.db)).faults).toEqual([])
})
