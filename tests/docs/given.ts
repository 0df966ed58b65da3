import { randomUUID } from 'node:crypto'
import { browserOn } from '../../sandbox/browser.ts'
import { PAGE, signerOf } from '../../sandbox/people.ts'

// What the examples of the README take for granted: an order, a wallet that signs, and a service and a page that are found by the names of examples.

const { PROVIDER_URL, APP_ID, PAYWALL_ID, WALLET_ID } = process.env
export const [appId, paywallId, walletId] = [APP_ID!, PAYWALL_ID!, WALLET_ID!]
export const order = { id: `order-${randomUUID()}` }
export const signer = signerOf('reader')
/** One event is enough: there will always be another. */
export const handle = async () => process.exit()
export const [from, cursor] = [0n, null]

const [page, direct] = [browserOn(PAGE), globalThis.fetch]
const example = /^https:\/\/\w+\.example\.com/
globalThis.fetch = (input, init) => {
  const url = String(input)
  return example.test(url) ? page(url.replace(example, PROVIDER_URL!), init) : direct(input, init)
}
