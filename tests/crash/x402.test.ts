import { expect, test } from 'vitest'
import { readTransfers } from '../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { cashier } from '../../sandbox/tokens/issue-tokens.ts'
import { startSetting } from '../bench/setting.ts'
import { buyer, offerAt, present, settlementIn, urlOf } from '../http/x402/support/buyer.ts'
import { eventually } from '../support/eventually.ts'

test('killed after the chain has taken a payment and before access is granted: granted after the start, and paid once', {
  timeout: 90_000,
}, async () => {
  await using setting = await startSetting({
    wallets: 0,
    paywalls: 1,
    durable: false,
    environment: { LEASE_MS: '1000', LOOK_FIRST_MS: '100', BLOCK_INTERVAL_MS: '100' },
  })
  const { chain, contracts } = setting.sandbox
  const [paywall] = setting.paywalls
  const url = urlOf(setting.service, paywall!.id)
  const one = await buyer(setting.sandbox)
  const payment = await one.pay((await offerAt(url)).accepts[0]!)

  await rpc(chain.url, 'evm_setAutomine', [false])
  const lost = present(url, payment).catch(() => null)
  await eventually(async () => {
    const { pending } = await rpc<{ pending: Record<string, unknown> }>(chain.url, 'txpool_content')
    if (!Object.keys(pending).some((sender) => sender.toLowerCase() === cashier.toLowerCase()))
      throw new Error('nothing was handed to the node')
  })
  await setting.service.kill()
  expect(await lost).toBeNull()
  await rpc(chain.url, 'evm_mine')
  await rpc(chain.url, 'evm_setAutomine', [true])
  const transfers = async () =>
    (await readTransfers(chain.url, contracts.usdc)).filter(({ from }) => from === one.address).length
  expect(await transfers()).toBe(1)

  await setting.restart()
  // nobody has asked yet: the rows carry it on
  await eventually(async () => {
    const { items } = await setting.client.access.list.query({ paywallId: paywall!.id })
    if (items.length !== 1) throw new Error('access is not granted yet')
  })
  const response = await present(url, payment)
  expect(response.status).toBe(200)
  expect(settlementIn(response)).toMatchObject({ success: true, payer: one.address })
  expect(await transfers()).toBe(1)
})
