import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { readTransfers } from '../../../sandbox/chain/read-transfers.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { FUJI } from '../../../sandbox/sandbox.ts'
import { cashier } from '../../../sandbox/tokens/issue-tokens.ts'
import { readPayment } from '../../../server/domain/x402/presented-payment.ts'
import type { SaleRow } from '../../../server/domain/x402/sale-rows.ts'
import { verifyPayment } from '../../../server/domain/x402/verify-payment.ts'
import { connectChain } from '../../../server/gateways/chain/chain.ts'
import { authorizedTransfers } from '../../../server/gateways/chain/transfer-authorization.ts'
import {
  type Buyer,
  buyer,
  encode,
  offerAt,
  type Payload,
  type Requirements,
  urlOf,
} from '../../http/x402/support/buyer.ts'
import { defineBench } from '../bench.ts'
import { inTurns, startSetting } from '../setting.ts'
import { numberOf } from '../table.ts'
import { stockFacilitator } from './stock-facilitator.ts'

const AT_ONCE = 16
const BUYERS = 16

export const x402 = defineBench({
  name: 'x402',
  says: 'payments over HTTP 402 verified and settled, beside the stock middleware with its facilitator in the process.',
  options: {
    verified: { says: 'payments verified by each', byDefault: 400 },
    settled: { says: 'payments settled by each, sixteen at a time', byDefault: 200 },
  },
  figures: {
    verifyRate: { says: 'payments verified a second', unit: '/s' },
    stockVerifyRate: { says: 'by the stock facilitator', unit: '/s' },
    verifyRatio: { says: 'verified, of what the stock facilitator does', unit: '', atLeast: 2 },
    settleRate: { says: 'payments settled and answered a second', unit: '/s' },
    stockSettleRate: { says: 'by the stock middleware, at its better of one and sixteen at a time', unit: '/s' },
    settleRatio: { says: 'settled, of what the stock middleware does', unit: '', atLeast: 2 },
    unsettled: { says: 'of ours, not settled exactly once', unit: '', atMost: 0 },
    stockUnsettled: { says: 'of the stock middleware sixteen at a time, not settled', unit: '' },
  },

  async run({ options, stack, say }) {
    const { verified, settled } = options as { verified: number; settled: number }
    const setting = stack.use(
      await startSetting({
        wallets: 0,
        paywalls: 1,
        environment: { BLOCK_INTERVAL_MS: '50', LOOK_FIRST_MS: '500' },
      }),
    )
    const { chain, contracts } = setting.sandbox
    const url = urlOf(setting.service, setting.paywalls[0]!.id)
    const { accepts } = await offerAt(url)
    const accepted = accepts[0]!
    const buyers = await inTurns(BUYERS, 1, () => buyer(setting.sandbox, 10n ** 12n))

    const payloads = await signed(verified, buyers, accepted)
    const ours = await rateOf(payloads.length, verifierOf(chain.url, accepted, payloads))
    const facilitator = stockFacilitator(chain.url, generatePrivateKey())
    const stock = await rateOf(payloads.length, async (index) => {
      const { isValid } = await facilitator.verify(
        payloads[index] as unknown as PaymentPayload,
        accepted as unknown as PaymentRequirements,
      )
      if (!isValid) throw new Error('The stock facilitator takes a payment for invalid')
    })
    say(`${verified} verified: ${numberOf(ours)} a second, the stock facilitator ${numberOf(stock)}`)

    const settle = async (to: string, terms: Requirements, atOnce: number) => {
      const payments = await signed(settled, buyers, terms)
      const began = performance.now()
      const statuses = await inTurns(settled, atOnce, async (index) => {
        // the stock middleware hangs when one of its nonces was given out and never sent
        const request = {
          headers: { 'payment-signature': encode(payments[index]) },
          signal: AbortSignal.timeout(10_000),
        }
        const response = await fetch(to, request).catch(() => null)
        await response?.arrayBuffer()
        return response?.status
      })
      const paid = statuses.filter((status) => status === 200).length
      return { paid, rate: (paid * 1000) / (performance.now() - began) }
    }
    const { rate } = await settle(url, accepted, AT_ONCE)
    const amount = BigInt(accepted.amount)
    const transfers = (await readTransfers(chain.url, contracts.usdc)).filter((one) => one.amount === amount)

    const key = generatePrivateKey()
    await rpc(chain.url, 'anvil_setBalance', [privateKeyToAddress(key), '0xd3c21bcecceda1000000'])
    const other = { ...accepted, amount: String(amount + 1n), extra: { name: 'USD Coin', version: '2' } }
    const server = await startStock(stack, [chain.url, key, other.asset, other.payTo, other.amount])
    const { accepts: asked } = await offerAt(server)
    const one = await settle(server, asked[0]!, 1)
    const many = await settle(server, asked[0]!, AT_ONCE)
    say(`stock: ${numberOf(one.rate)} a second one at a time, ${numberOf(many.rate)} sixteen at a time`)
    const stockRate = Math.max(one.rate, many.rate)
    return {
      verifyRate: ours,
      stockVerifyRate: stock,
      verifyRatio: ours / stock,
      settleRate: rate,
      stockSettleRate: stockRate,
      settleRatio: rate / stockRate,
      unsettled: Math.abs(settled - transfers.length),
      stockUnsettled: settled - many.paid,
    }
  },
})

const signed = (count: number, buyers: readonly Buyer[], accepted: Requirements): Promise<Payload[]> =>
  inTurns(count, AT_ONCE, (index) => buyers[index % buyers.length]!.pay(accepted, { validBefore: inAnHour() }))

const inAnHour = () => String(Math.floor(Date.now() / 1000) + 3_600)

async function rateOf(count: number, work: (index: number) => Promise<void>): Promise<number> {
  await inTurns(Math.min(count, AT_ONCE), AT_ONCE, work)
  const began = performance.now()
  await inTurns(count, AT_ONCE, work)
  return (count * 1000) / (performance.now() - began)
}

/** What the service does with a payment before it decides: from the header to the chain's word that it would be made. */
function verifierOf(rpcUrl: string, accepted: Requirements, payloads: readonly Payload[]) {
  const chain = connectChain({ chainId: FUJI, rpcUrl, confirmations: 1, finality: 8, entryPoints: [] })
  const seller = { market: { chain, ...authorizedTransfers(chain) }, signer: cashier, clock: { now: () => new Date() } }
  const sale = {
    chain_id: BigInt(FUJI),
    token: accepted.asset,
    recipient: accepted.payTo,
    price: BigInt(accepted.amount),
  } as SaleRow
  const headers = payloads.map(encode)
  return async (index: number) => {
    const domain = (await seller.market.domain(accepted.asset))!
    await verifyPayment(seller, sale, domain, readPayment(headers[index]!, 2))
  }
}

async function startStock(stack: AsyncDisposableStack, args: string[]): Promise<string> {
  const child = fork(fileURLToPath(new URL('stock-server.ts', import.meta.url)), args)
  stack.defer(() => {
    child.kill()
  })
  return new Promise((resolve, reject) => {
    child.once('message', ({ url }: { url: string }) => resolve(url))
    child.once('exit', (code) => reject(new Error(`The stock server ended with ${code}`)))
  })
}
