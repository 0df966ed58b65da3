import type { Address } from 'viem'

const {
  PROVIDER_URL = 'http://127.0.0.1:4000',
  APP_URL = 'http://localhost:3000',
  PAYWALL_ID,
  RPC_URL,
  USDC,
} = process.env
if (!PAYWALL_ID || !RPC_URL) {
  console.error('PAYWALL_ID and RPC_URL say what to buy, and on which chain: see README.md.')
  process.exit(2)
}

/** What is bought, where, and where it is unlocked; as `npm start` of the sandbox has written it down. */
export const settings = {
  miniApp: `${PROVIDER_URL}/sherry/paywalls/${PAYWALL_ID}`,
  app: APP_URL,
  rpcUrl: RPC_URL,
  /** The sandbox's own, which anybody may mint; null elsewhere. */
  usdc: (USDC as Address | undefined) ?? null,
}
