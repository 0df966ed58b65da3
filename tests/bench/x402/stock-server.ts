import type { AddressInfo } from 'node:net'
import type { FacilitatorClient } from '@x402/core/server'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import express from 'express'
import type { Hex } from 'viem'
import { stockFacilitator } from './stock-facilitator.ts'

// A process of its own that sells one thing by the stock middleware, with the facilitator in it. Says where over IPC.

const [rpcUrl, key, asset, payTo, amount] = process.argv.slice(2) as [string, Hex, Hex, Hex, string]
const network = 'eip155:43113'
const facilitator = stockFacilitator(rpcUrl, key)
const client: FacilitatorClient = {
  verify: (payload, requirements) => facilitator.verify(payload, requirements),
  settle: (payload, requirements) => facilitator.settle(payload, requirements),
  getSupported: async () => facilitator.getSupported() as Awaited<ReturnType<FacilitatorClient['getSupported']>>,
}
const price = { asset, amount, extra: { name: 'USD Coin', version: '2' } }
const app = express()
app.use(
  paymentMiddleware(
    { 'GET /paid': { accepts: { scheme: 'exact', network, payTo, price, maxTimeoutSeconds: 60 }, description: 'x' } },
    new x402ResourceServer(client).register(network, new ExactEvmScheme()),
  ),
)
app.get('/paid', (_request, response) => {
  response.json({ paid: true })
})
const server = app.listen(0, '127.0.0.1', () => {
  process.send!({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/paid` })
})
process.on('disconnect', () => process.exit(0))
