import { type Config, createConfig, http } from '@wagmi/core'
import { type Chain, defineChain } from 'viem'
import type { ChainSetting } from './settings.ts'

/** The wallets that browsers announce (EIP-6963), on the chains that people pay on. */
export function walletConfig(settings: readonly ChainSetting[]): Config {
  const chains = settings.map(chainOf)
  return createConfig({
    chains: chains as [Chain, ...Chain[]],
    transports: Object.fromEntries(chains.map(({ id, rpcUrls }) => [id, http(rpcUrls.default.http[0])])),
    multiInjectedProviderDiscovery: true,
    ssr: true,
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
