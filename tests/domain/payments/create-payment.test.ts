import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { testWorld, USDC } from '../../support/world.ts'

test('a payment settles on the chain, once, and opens the paywall', async () => {
  await using world = await testWorld()
  const [paywall, wallet] = await Promise.all([world.paywall({ price: 7n * USDC }), world.wallet()])

  const accepted = await world.client.payments.create.mutate({
    paywallId: paywall.id,
    walletId: wallet.id,
    idempotencyKey: randomUUID(),
  })
  expect(accepted).toMatchObject({ state: 'accepted', amount: 7n * USDC, payer: wallet.address, replayed: false })

  const settled = await world.until(accepted.id, 'settled')
  expect(settled.transactionHash).toMatch(/^0x[0-9a-f]{64}$/)
  expect(await world.transfers(wallet.address, 7n * USDC)).toBe(1)
  const { granted, access } = await world.client.access.check.query({ paywallId: paywall.id, walletId: wallet.id })
  expect({ granted, paymentId: access?.paymentId }).toEqual({ granted: true, paymentId: accepted.id })
})

test('a wallet on the deny list is refused with rule and remedy, and nothing is queued', async () => {
  await using world = await testWorld()
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  await world.client.lists.add.mutate({ list: 'sanctions', address: wallet.address, reason: 'named by the regulator' })

  const refusal = await world.client.payments.create
    .mutate({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() })
    .then(() => null, errorOf)

  expect(refusal).toMatchObject({ code: 'REFUSED_BY_COMPLIANCE', status: 403, retryable: false })
  expect(refusal?.details.checks).toMatchObject([
    { rule: 'deny-list', code: 'ADDRESS_ON_DENY_LIST', list: 'sanctions', remedy: expect.any(String) },
  ])
  expect(await world.built.services.db.selectFrom('transaction').select('id').execute()).toEqual([])
  const decision = await world.client.decisions.get.query({ decisionId: String(refusal?.details.decisionId) })
  expect(decision.outcome).toBe('deny')
})
