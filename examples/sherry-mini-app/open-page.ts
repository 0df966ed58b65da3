import { sandboxKey } from './sandbox-key.ts'
import { servePage } from './serve-page.ts'

// `npm run page`: the page of a host, on the sandbox's paywall.

const { PROVIDER_URL = 'http://127.0.0.1:4000', APP_URL = 'http://localhost:3000', PAYWALL_ID, RPC_URL } = process.env
const { url } = await servePage(Number(process.env.PAGE_PORT ?? 3100))
const query = new URLSearchParams({ miniApp: `${PROVIDER_URL}/sherry/paywalls/${PAYWALL_ID}`, app: APP_URL })
if (RPC_URL) for (const [name, value] of Object.entries({ rpc: RPC_URL, key: sandboxKey })) query.set(name, value)
console.log(`Open ${url}/?${query}`)
