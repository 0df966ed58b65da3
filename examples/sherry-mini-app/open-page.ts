import { fundReader, readerKey } from './sandbox-reader.ts'
import { servePage } from './serve-page.ts'
import { settings } from './settings.ts'

// `npm run page`: the page of a host, with the sandbox's paywall on it.

const { miniApp, app, rpcUrl, usdc } = settings
const { url } = await servePage(Number(process.env.PAGE_PORT ?? 3100))
const query = new URLSearchParams({ miniApp, app })
if (usdc) {
  await fundReader(rpcUrl, usdc)
  query.set('rpc', rpcUrl)
  query.set('key', readerKey)
}
console.log(`Open ${url}/?${query}`)
