import type { ChainSetting } from '@/lib/settings.ts'
import { SandboxWallet } from './provider.ts'

/** A tiger's eye, as wallets bring their sign: in the announcement itself. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#161b22"/><path d="M7 11h18v12H7zm0 0 12-5v5m2 6h.01" fill="none" stroke="#a9c8ff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`

let wallet: SandboxWallet | undefined

/** Announces the sandbox's wallet to this page (EIP-6963), once. */
export function installSandboxWallet(chains: readonly ChainSetting[]): SandboxWallet {
  if (wallet) return wallet
  wallet = new SandboxWallet(chains)
  const detail = Object.freeze({
    info: {
      uuid: '5f0c2f4a-3b7d-4a43-9c1e-0f6f1f2a9d10',
      name: 'Sandbox wallet',
      icon,
      rdns: 'sandbox.provider-service',
    },
    provider: wallet,
  })
  const announce = () => dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  addEventListener('eip6963:requestProvider', announce)
  announce()
  return wallet
}
