import { type Hash, padHex, toEventSelector } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { expect } from 'vitest'
import { createClient, type Payment } from '../../../../client-sdk/index.ts'
import { rpc } from '../../../../sandbox/chain/rpc.ts'
import { USDC } from '../../../../sandbox/seed.ts'
import type { Shop } from './shop.ts'

const transferred = toEventSelector('Transfer(address,address,uint256)')

/** Something for one USDC that is bought in one test alone. Nobody else pays its recipient. */
export interface Offer {
  path: string
  /** What was ever paid or tried for it, as the service has it and as the chain has it. */
  paid(): Promise<{ payments: Payment[]; transfers: Hash[] }>
}

export async function putUp({ example: { sandbox, seeded } }: Shop): Promise<Offer> {
  const service = createClient({ url: sandbox.serviceUrl, apiKey: seeded.apiKey })
  const recipient = privateKeyToAddress(generatePrivateKey())
  const { id: paywallId } = await service.paywalls.create.mutate({
    title: `For ${recipient}`,
    assetId: seeded.assetId,
    price: USDC,
    recipient,
    idempotencyKey: recipient,
  })
  return {
    path: `/paywalls/${paywallId}`,
    async paid() {
      const topics = [transferred, null, padHex(recipient, { size: 32 })]
      const filter = { address: sandbox.contracts.usdc, fromBlock: '0x0', toBlock: 'latest', topics }
      const [{ items: payments }, logs] = await Promise.all([
        service.payments.list.query({ paywallId, limit: 100 }),
        rpc<{ transactionHash: Hash }[]>(sandbox.chain.url, 'eth_getLogs', [filter]),
      ])
      return { payments, transfers: logs.map(({ transactionHash }) => transactionHash) }
    },
  }
}

/** Expects one payment, which has settled by the one transfer there is. */
export async function expectPaidOnce(offer: Offer): Promise<Payment> {
  const { payments, transfers } = await offer.paid()
  expect(transfers).toHaveLength(1)
  expect(payments.map(({ state, transactionHash }) => [state, transactionHash])).toEqual([['settled', transfers[0]]])
  return payments[0]!
}

/** Expects that nothing has moved, and at most one payment waits. */
export async function expectUnpaid(offer: Offer): Promise<Payment | undefined> {
  const { payments, transfers } = await offer.paid()
  expect(transfers).toEqual([])
  expect(payments.length).toBeLessThanOrEqual(1)
  return payments[0]
}
