import {
  type Config,
  type Connector,
  connect,
  createConfig,
  disconnect,
  getConnection,
  http,
  reconnect,
} from '@wagmi/core'
import { type Chain, defineChain } from 'viem'
import type { ChainSetting } from './settings.ts'

/** The wallets that browsers announce (EIP-6963), on the chains that people pay on. */
export function walletConfig(settings: readonly ChainSetting[]): Config {
  const chains = settings.map(chainOf)
  return createConfig({
    chains: chains as [Chain, ...Chain[]],
    transports: Object.fromEntries(chains.map(({ id, rpcUrls }) => [id, http(rpcUrls.default.http[0])])),
    multiInjectedProviderDiscovery: true,
  })
}

const chainOf = ({ id, name, coin, rpcUrl, explorer }: ChainSetting): Chain =>
  defineChain({
    id,
    name,
    nativeCurrency: { name: coin, symbol: coin, decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
    blockExplorers: { default: { name: 'Explorer', url: explorer } },
  })

/** Has the wallet of before a reload connected again, if it is not yet: without asking its owner. */
export async function reconnected(wallets: Config): Promise<void> {
  if (getConnection(wallets).status !== 'connected') await reconnect(wallets)
}

/** Connects one of the browser's wallets, in place of any other. @throws what the wallet throws */
export async function connectTo(wallets: Config, connector: Connector): Promise<void> {
  const now = getConnection(wallets)
  if (now.status === 'connected') {
    if (now.connector.uid === connector.uid) return
    await disconnect(wallets)
  }
  await connect(wallets, { connector })
}
